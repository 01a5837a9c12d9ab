import type {InputShapes} from '../../artifacts/open-model.ts';
import type {Graph} from '../../graph/graph.ts';
import {simplify} from '../../graph/passes/index.ts';
import {importModel} from './import.ts';
import {readModel} from './read-model.ts';

/**
 * The inference graph of a `.tflite` file: quantisation gone, activations fused.
 *
 * @param inputShapes For inputs whose sizes the file leaves open: shapes without the batch, by name.
 * @throws TfmotError `unsupported-layer` or `unsupported-model` for a model that is not understood, before any weight is
 *     read; `corrupt-file` or `non-finite-weight` for a damaged one.
 */
export function graphOf(bytes: Uint8Array, inputShapes: InputShapes = {}): Graph {
  return simplify(importModel(readModel(bytes), inputShapes));
}

import type {GraphOptions} from '../../artifacts/open-model.ts';
import type {Graph} from '../../graph/graph.ts';
import {simplify} from '../../graph/passes/index.ts';
import {importModel} from './import.ts';
import type {TfliteModel} from './read-model.ts';

/**
 * The inference graph of a `.tflite` file: quantisation gone, activations fused.
 *
 * @throws TfmotError `unsupported-layer` or `unsupported-model` for a model that is not understood, before any weight
 *     is read; `corrupt-file` or `non-finite-weight` for a damaged one.
 */
export function graphOf(model: TfliteModel, options: GraphOptions = {}): Graph {
  return simplify(importModel(model, options), options.keep);
}

import type {GraphOptions} from '../../artifacts/open-model.ts';
import type {Graph} from '../../graph/graph.ts';
import {simplify} from '../../graph/passes/index.ts';
import {importModel} from './import.ts';
import type {OnnxModel} from './read-model.ts';

/**
 * The inference graph of an `.onnx` model: channels last inside, activations fused. Inputs and outputs keep the
 * dimensions of the file.
 *
 * @throws TfmotError as `importModel`.
 */
export function graphOf(model: OnnxModel, options: GraphOptions = {}): Graph {
  return simplify(importModel(model, options), options.keep);
}

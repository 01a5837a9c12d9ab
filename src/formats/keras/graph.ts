import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import type {GraphOptions} from '../../artifacts/open-model.ts';
import type {Graph} from '../../graph/graph.ts';
import {simplify} from '../../graph/passes/index.ts';
import {importModel} from './import.ts';

/**
 * The inference graph of a model: dropout gone, batch normalisation folded, activations fused.
 *
 * @throws TfmotError `unsupported-layer` for a layer that is not understood, before any weight is read;
 * `invalid-topology`, `invalid-weights` or `non-finite-weight` for a damaged model.
 */
export function graphOf(artifacts: ModelArtifacts, {inputShapes = {}, keep}: Omit<GraphOptions, 'cut'> = {}): Graph {
  return simplify(importModel(artifacts, inputShapes), keep);
}

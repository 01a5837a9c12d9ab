import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import type {InputShapes} from '../../artifacts/open-model.ts';
import type {Graph} from '../../graph/graph.ts';
import {simplify} from '../../graph/passes/index.ts';
import {importModel} from './import.ts';
import {holdsOperations} from './operation.ts';
import type * as Operations from './operations/index.ts';
import {readTopology} from './topology.ts';

/**
 * The inference graph of a model: dropout gone, batch normalisation folded, activations fused. What imports operations on
 * tensors is fetched for a model that has any.
 *
 * @param inputShapes For inputs whose sizes the model leaves open: shapes without the batch, by name.
 * @throws TfmotError `unsupported-layer` for a layer that is not understood, before any weight is read;
 * `invalid-topology`, `invalid-weights` or `non-finite-weight` for a damaged model.
 */
export async function importGraph(artifacts: ModelArtifacts, inputShapes: InputShapes = {}): Promise<Graph> {
  const needed = holdsOperations(readTopology(artifacts.modelTopology));
  return graphOf(artifacts, inputShapes, needed ? await import('./operations/index.ts') : undefined);
}

/** As {@link importGraph}, where `operations` are at hand, or not needed. */
export function graphOf(
  artifacts: ModelArtifacts,
  inputShapes: InputShapes = {},
  operations?: typeof Operations,
): Graph {
  return simplify(importModel(artifacts, inputShapes, operations));
}

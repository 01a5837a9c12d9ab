import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import type {GraphOptions} from '../../artifacts/open-model.ts';
import type {Graph} from '../../graph/graph.ts';
import {simplify} from '../../graph/passes/index.ts';
import {importModel} from './import.ts';
import {holdsOperations} from './operation.ts';
import type * as Operations from './operations/index.ts';
import {readTopology} from './topology.ts';

/** What importing takes; a graph of layers has no part that may be cut off. */
type KerasGraphOptions = Omit<GraphOptions, 'cut'>;

/**
 * The inference graph of a model: dropout gone, batch normalisation folded, activations fused. What imports operations
 * on tensors is fetched for a model that has any.
 *
 * @throws TfmotError `unsupported-layer` for a layer that is not understood, before any weight is read;
 * `invalid-topology`, `invalid-weights` or `non-finite-weight` for a damaged model.
 */
export async function importGraph(artifacts: ModelArtifacts, options: KerasGraphOptions = {}): Promise<Graph> {
  const needed = holdsOperations(readTopology(artifacts.modelTopology));
  return graphOf(artifacts, options, needed ? await import('./operations/index.ts') : undefined);
}

/** As {@link importGraph}, where `operations` are at hand, or not needed. */
export function graphOf(
  artifacts: ModelArtifacts,
  {inputShapes = {}, keep}: KerasGraphOptions = {},
  operations?: typeof Operations,
): Graph {
  return simplify(importModel(artifacts, inputShapes, operations), keep);
}

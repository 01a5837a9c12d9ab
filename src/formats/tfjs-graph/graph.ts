import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import type {GraphOptions} from '../../artifacts/open-model.ts';
import type {Graph} from '../../graph/graph.ts';
import {simplify} from '../../graph/passes/index.ts';
import {importGraph} from './import.ts';

/**
 * The inference graph of a graph model: constants folded, batch normalisation and biases folded in, activations fused.
 *
 * @throws TfmotError as `importGraph`.
 */
export function graphOf(artifacts: ModelArtifacts, options: GraphOptions = {}): Graph {
  const imported = importGraph(artifacts, options);
  const {left} = imported;
  const graph = simplify(imported, options.keep);
  return left === undefined ? graph : {...graph, left};
}

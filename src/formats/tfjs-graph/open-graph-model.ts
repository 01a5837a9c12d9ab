import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import type {GraphOptions} from '../../artifacts/open-model.ts';
import {storedWeights} from '../../artifacts/stored-weights.ts';
import {type OpenArtifacts, openOf} from '../artifacts-model.ts';
import type {WeightFiles} from '../model-files.ts';
import {readNodes} from './nodes.ts';
import {weightUses} from './weight-uses.ts';

/**
 * Opens the artifacts of a graph model. Its weights are known by the ops that consume them, so that any graph can be
 * pruned, rounded and saved, whether or not its ops can be run here.
 *
 * @param artifacts Not changed; the open model shares their bytes.
 * @param files In which files the weights came.
 * @throws TfmotError `invalid-topology` or `invalid-weights` for artifacts that are not sound.
 */
export function openGraphModel(artifacts: ModelArtifacts, files?: readonly WeightFiles[]): OpenArtifacts {
  const nodes = readNodes(artifacts.modelTopology);
  const stored = storedWeights(artifacts);
  const ranks = new Map(stored.map(({spec: {name, shape}}) => [name, shape.length]));
  const graph = async (model: ModelArtifacts, options: GraphOptions) =>
    (await import('./graph.ts')).graphOf(model, options);
  return openOf({format: 'tfjs-graph', uses: weightUses(nodes, ranks), graph}, artifacts, files, stored);
}

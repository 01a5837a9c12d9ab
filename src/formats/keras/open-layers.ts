import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import type {GraphOptions, OpenModel} from '../../artifacts/open-model.ts';
import {storedWeights} from '../../artifacts/stored-weights.ts';
import {WRAPPER_CLASSES} from '../../artifacts/wrappers.ts';
import {type OpenArtifacts, openOf} from '../artifacts-model.ts';
import type {WeightFiles} from '../model-files.ts';
import {type LayerTree, layerTree} from './layer-tree.ts';
import {readTopology} from './topology.ts';
import {mapWeights} from './weight-uses.ts';

/**
 * Opens the artifacts of a layers model.
 *
 * @param artifacts Not changed; the open model shares their bytes.
 * @param files In which files the weights came.
 * @throws TfmotError `invalid-topology` or `invalid-weights` for artifacts that are not sound.
 */
export function openLayers(artifacts: ModelArtifacts, files?: readonly WeightFiles[]): OpenArtifacts {
  const tree = layerTree(readTopology(artifacts.modelTopology));
  // Specs are checked here, before anything reads them.
  const stored = storedWeights(artifacts);
  const {uses} = mapWeights(artifacts.weightSpecs, tree);
  const graph = async (model: ModelArtifacts, options: GraphOptions) =>
    (await import('./graph.ts')).importGraph(model, options);
  return openOf({format: 'tfjs-layers', uses, graph, ...unfinishedBy(tree)}, artifacts, files, stored);
}

/** How to finish the training of a Keras model that still holds wrappers; nothing for any other topology. */
export function unfinishedOf({modelTopology}: Pick<ModelArtifacts, 'modelTopology'>): Pick<OpenModel, 'unfinished'> {
  try {
    return unfinishedBy(layerTree(readTopology(modelTopology)));
  } catch {
    return {};
  }
}

function unfinishedBy({wrapper}: LayerTree): Pick<OpenModel, 'unfinished'> {
  return wrapper === undefined ? {} : {unfinished: WRAPPER_CLASSES[wrapper.className]!};
}

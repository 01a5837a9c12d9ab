import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import type {OpenArtifacts} from './artifacts-model.ts';
import {openLayers} from './keras/open-layers.ts';
import type {WeightFiles} from './model-files.ts';
import {isGraphTopology} from './tfjs-graph/nodes.ts';
import {openGraphModel} from './tfjs-graph/open-graph-model.ts';

/**
 * Opens the artifacts of a TensorFlow.js model, of layers or a graph. Nothing is decoded yet.
 *
 * @param artifacts Not changed; the open model shares their bytes.
 * @param files In which files the weights came, to be saved so again; by default in pieces of 4 MiB.
 * @throws TfmotError `invalid-topology` or `invalid-weights` for artifacts that are not sound.
 */
export function openArtifacts(artifacts: ModelArtifacts, files?: readonly WeightFiles[]): OpenArtifacts {
  return isGraphTopology(artifacts.modelTopology) ? openGraphModel(artifacts, files) : openLayers(artifacts, files);
}

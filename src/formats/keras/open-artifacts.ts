import type {ModelArtifacts, WeightSpec} from '../../artifacts/artifacts.ts';
import {changedWeight} from '../../artifacts/changed-weight.ts';
import type {Change, NamedWeight, OpenModel} from '../../artifacts/open-model.ts';
import {replaceWeights, type StoredWeight, storedWeights, valuesOf} from '../../artifacts/stored-weights.ts';
import {WRAPPER_CLASSES} from '../../artifacts/wrappers.ts';
import {TfmotError} from '../../errors.ts';
import {type LayerTree, layerTree} from './layer-tree.ts';
import {filesOf} from './model-files.ts';
import {readTopology} from './topology.ts';
import {mapWeights} from './weight-uses.ts';

/** An open TensorFlow.js layers model, which has artifacts besides. */
export interface OpenArtifacts extends OpenModel {
  readonly format: 'tfjs-layers';
  readonly artifacts: ModelArtifacts;
  withWeights(changed: ReadonlyMap<string, Change>): OpenArtifacts;
}

/**
 * Opens the artifacts of a TensorFlow.js layers model. Nothing is decoded yet.
 *
 * @param artifacts Not changed; the open model shares their bytes.
 * @throws TfmotError `invalid-topology` or `invalid-weights` for artifacts that are not sound.
 */
export function openArtifacts(artifacts: ModelArtifacts): OpenArtifacts {
  const tree = layerTree(readTopology(artifacts.modelTopology));
  const stored = storedWeights(artifacts);
  const {uses} = mapWeights(artifacts.weightSpecs, tree);
  return {
    format: 'tfjs-layers',
    artifacts,
    weights: stored.map(weight => namedWeight(weight, uses.get(weight.spec.name) ?? [])),
    ...unfinishedBy(tree),
    graph: async ({inputShapes = {}} = {}) => (await import('./graph.ts')).graphOf(artifacts, inputShapes),
    withWeights: changed => openArtifacts(withChanges(artifacts, stored, changed)),
    save: async () => filesOf(artifacts),
  };
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

function namedWeight(weight: StoredWeight, uses: NamedWeight['uses']): NamedWeight {
  const {name, shape} = weight.spec;
  return {
    name,
    shape,
    dtype: weight.stored,
    ...gridOf(weight.spec),
    uses,
    bytes: () => weight.bytes,
    values: () => valuesOf(weight),
  };
}

function gridOf({quantization}: WeightSpec): Pick<NamedWeight, 'grid'> {
  if (quantization?.scale === undefined) return {};
  return {grid: {scale: quantization.scale, min: quantization.min ?? 0}};
}

function withChanges(
  artifacts: ModelArtifacts,
  stored: readonly StoredWeight[],
  changed: ReadonlyMap<string, Change>,
): ModelArtifacts {
  const names = new Set(stored.map(({spec}) => spec.name));
  for (const name of changed.keys()) {
    if (!names.has(name))
      throw new TfmotError('invalid-argument', `The model has no weight '${name}'. It has ${[...names].join(', ')}.`);
  }
  return replaceWeights(
    artifacts,
    stored.map(weight => {
      const change = changed.get(weight.spec.name);
      return change === undefined ? weight : changedWeight(weight, change);
    }),
  );
}

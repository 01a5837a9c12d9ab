import type {ModelArtifacts} from '../../../artifacts/artifacts.ts';
import {concatenated} from '../../../artifacts/weight-bytes.ts';
import {TfmotError} from '../../../errors.ts';
import type {Hdf5Dataset} from '../../hdf5/dataset.ts';
import type {Hdf5Dtype} from '../../hdf5/datatype.ts';
import type {Hdf5File} from '../../hdf5/file.ts';
import {layerTree} from '../layer-tree.ts';
import {checkPlainWeights} from '../plain-weights.ts';
import {savedBy} from '../saved-by.ts';
import {readTopology} from '../topology.ts';
import {type Container, openContainer} from './container.ts';
import {type FoundWeight, findWeights} from './find-weights.ts';
import {keras2Spelling} from './topology.ts';
import {keepsBytes, toArtifacts} from './values.ts';

/** Where a weight of a Keras file is kept. */
export interface KerasPlace {
  /** Its name in the artifacts. */
  readonly name: string;
  /** Path of its data set in the HDF5 file, which for `.keras` is a member of the zip file. */
  readonly path: string;
  readonly dtype: Hdf5Dtype;
  /**
   * Where in the whole file its bytes lie, the same as in the artifacts; null where the file has them otherwise: in
   * pieces, deflated, or in another dtype.
   */
  readonly at: {readonly from: number; readonly to: number} | null;
  /** Its elements in the dtype of the file, little-endian. */
  stored(): Uint8Array;
}

/** A model read from a `.h5` or `.keras` file of Python's Keras. */
export interface KerasFile {
  readonly kind: 'keras-h5' | 'keras';
  readonly kerasMajor: 2 | 3;
  /** As TensorFlow.js and this library read them; weights are named as TensorFlow.js names them. */
  readonly artifacts: ModelArtifacts;
  /** One for each weight, in the order of the artifacts' specs. */
  readonly places: readonly KerasPlace[];
}

/** A weight of an open Keras file, not decoded. */
export interface ListedWeight {
  readonly name: string;
  readonly path: string;
  readonly dataset: Hdf5Dataset;
}

/** A Keras file whose weights have been found. */
export interface ListedFile {
  readonly container: Container;
  readonly head: Pick<ModelArtifacts, 'format' | 'generatedBy' | 'modelTopology'>;
  readonly weights: readonly ListedWeight[];
}

/**
 * Finds the weights of a Keras file.
 *
 * @throws TfmotError as {@link readKerasFile}.
 */
export function listWeights(bytes: Uint8Array): ListedFile {
  const container = openContainer(bytes);
  const {version, weights: file} = container;
  const modelTopology = {
    ...(version !== undefined && {keras_version: version}),
    backend: 'tensorflow',
    model_config: keras2Spelling(container.model),
  };
  const tree = layerTree(readTopology(modelTopology));
  for (const leaf of tree.leaves) checkPlainWeights({...leaf, name: leaf.path});
  const found = findWeights(container, tree);
  const names = namesOf(found);
  const weights = found.map(({path}, i) => ({name: names[i]!, path, dataset: datasetAt(file, path)}));
  checkApart(weights);
  const head = {
    format: 'layers-model',
    ...(version !== undefined && {generatedBy: `keras v${version}`}),
    modelTopology,
  };
  return {container, head, weights};
}

/**
 * Reads a whole model from a `.h5` or `.keras` file of Keras 2 or 3. Weights that no known layer has come along under
 * their paths in the file.
 *
 * @param bytes The file; the artifacts have copies of its weights.
 * @throws TfmotError `corrupt-file` naming the place that is damaged; `unsupported-model` for a file without a model,
 *     or in a form that Keras does not write; `unsupported-layer` for a layer that Keras has quantised or adapted;
 *     `invalid-topology` or `invalid-weights` when model and weights are not sound.
 */
export function readKerasFile(bytes: Uint8Array): KerasFile {
  const {container, head, weights} = listWeights(bytes);
  const {kind, start} = container;
  const decoded = weights.map(({name, dataset}) => toArtifacts(name, dataset.shape, dataset.dtype, dataset.read()));
  const places = weights.map(({name, path, dataset}): KerasPlace => {
    const {dtype, place} = dataset;
    const asIs = place !== null && start !== null && keepsBytes(dtype);
    const at = asIs ? {from: start + place.from, to: start + place.to} : null;
    return {name, path, dtype, at, stored: dataset.read};
  });
  const artifacts: ModelArtifacts = {
    ...head,
    weightSpecs: decoded.map(({spec}) => spec),
    weightData: concatenated(decoded.map(weight => weight.bytes)).buffer,
  };
  return {kind, kerasMajor: savedBy(artifacts) === 'keras-3' ? 3 : 2, artifacts, places};
}

/** What TensorFlow.js calls each weight; behind its path where models inside have layers of one name. */
function namesOf(found: readonly FoundWeight[]): string[] {
  const plain = found.map(({path, owner}) => (owner === null ? path : `${owner.leaf.own}/${owner.weight}`));
  const counts = new Map<string, number>();
  for (const name of plain) counts.set(name, (counts.get(name) ?? 0) + 1);
  return found.map(({owner}, i) =>
    owner !== null && counts.get(plain[i]!)! > 1 ? `${owner.leaf.path}/${owner.weight}` : plain[i]!,
  );
}

function datasetAt(file: Hdf5File, path: string): Hdf5Dataset {
  const dataset = file.dataset(path);
  if (dataset !== null) return dataset;
  throw new TfmotError(
    'invalid-weights',
    `The Keras file must have a data set '${path}', which it lists, but has none. Save the model again.`,
  );
}

/** No two weights may have the same bytes: a small file could otherwise ask for any number of them. */
function checkApart(weights: readonly ListedWeight[]): void {
  const stretches = weights.map(({path, dataset: {place, header}}) => ({
    ...(place ?? {from: header.at, to: header.at + 1}),
    path,
  }));
  stretches.sort((a, b) => a.from - b.from || a.to - b.to);
  for (let i = 1; i < stretches.length; i++) {
    const [before, after] = [stretches[i - 1]!, stretches[i]!];
    if (after.from < before.to && after.to > after.from)
      throw new TfmotError(
        'corrupt-file',
        `The weights '${before.path}' and '${after.path}' share bytes at ${after.from} of the HDF5 file. Save the model again.`,
      );
  }
}

import {TfmotError} from '../../../errors.ts';
import type {Hdf5File} from '../../hdf5/file.ts';
import type {LayerTree, LeafLayer} from '../layer-tree.ts';
import {mapWeights, weightsByPosition} from '../weight-uses.ts';
import type {Container} from './container.ts';

/** A weight in a file: the data set that holds it, and whose it is. */
export interface FoundWeight {
  /** Path of its data set. */
  readonly path: string;
  /** The layer that has it, and what it is to that; null where no known layer claims it. */
  readonly owner: {readonly leaf: LeafLayer; readonly weight: string} | null;
}

/** Groups in groups: no model nests so deep. */
const MAX_DEPTH = 64;
/** Layers that keep their weights in a cell. */
const WITH_CELLS: readonly string[] = ['ConvLSTM1D', 'ConvLSTM2D', 'ConvLSTM3D', 'GRU', 'LSTM', 'SimpleRNN'];
/** Groups beside the weights of a layer that hold no weights: the state of random numbers. */
const NO_WEIGHTS: readonly string[] = ['seed_generator'];

/**
 * The weights of a model in its file, in the order of its layers.
 *
 * @throws TfmotError `corrupt-file` or `invalid-weights` when the file does not have what it lists.
 */
export function findWeights({kind, weights}: Pick<Container, 'kind' | 'weights'>, tree: LayerTree): FoundWeight[] {
  return kind === 'keras-h5' ? listedWeights(weights, tree) : weightsInGroups(weights, tree);
}

/** `.h5`: a group for each layer of the model lists the names of all weights in it. */
function listedWeights(file: Hdf5File, tree: LayerTree): FoundWeight[] {
  const found: {path: string; name: string}[] = [];
  const root = file.has('model_weights') ? 'model_weights' : '';
  for (const layer of listed(file, root, 'layer_names')) {
    for (const weight of listed(file, `${root}/${layer}`, 'weight_names')) {
      // The layer before the name tells apart what models inside have of the same name.
      found.push({path: `${root}/${layer}/${weight}`, name: `${layer}/${weight.replace(/:\d+$/, '')}`});
    }
  }
  const leaves = new Map(tree.leaves.map(leaf => [leaf.path, leaf]));
  const {uses} = mapWeights(
    found.map(({name}) => ({name, shape: [], dtype: 'float32'})),
    tree,
  );
  return found.map(({path, name}) => {
    const use = uses.get(name)?.[0];
    return {path, owner: use === undefined ? null : {leaf: leaves.get(use.layer)!, weight: use.weight}};
  });
}

/** A list of names, which Keras cuts in parts where it is too long for one attribute. */
function listed(file: Hdf5File, path: string, name: string): readonly string[] {
  const attributes = file.attributes(path);
  const whole = attributes.get(name);
  if (whole !== undefined) return [whole].flat();
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = attributes.get(`${name}${i}`);
    if (part === undefined) break;
    parts.push(...[part].flat());
  }
  if (parts.length === 0 && name === 'layer_names')
    throw new TfmotError(
      'invalid-weights',
      `The HDF5 file must list its layers in '${name}' of '${path}', but does not. Save the model again.`,
    );
  return parts;
}

/** `.keras`: a group for each layer has its weights by number; the class of the layer tells what they are. */
function weightsInGroups(file: Hdf5File, tree: LayerTree): FoundWeight[] {
  // Keras 2.12 had another word.
  const older = !file.has('layers') && file.has('_layer_checkpoint_dependencies');
  const inFile = (path: string): string =>
    older ? path.replaceAll(/(^|\/)layers\//g, '$1_layer_checkpoint_dependencies/') : path;
  const found: FoundWeight[] = [];
  const claimed = new Set<string>();
  for (const leaf of tree.leaves) {
    const group = inFile(leaf.group);
    const vars = `${group}${WITH_CELLS.includes(leaf.className) ? '/cell' : ''}/vars`;
    checkName(file, vars, leaf);
    weightsByPosition(leaf).forEach((weight, i) => {
      const path = `${vars}/${i}`;
      if (!file.has(path)) return;
      claimed.add(path);
      found.push({path, owner: {leaf, weight: weight.name}});
    });
  }
  return [...found, ...unclaimed(file, inFile('layers/').slice(0, -1), claimed)];
}

/** Keras 3 writes the name of the layer beside its weights. */
function checkName(file: Hdf5File, vars: string, {path, own}: LeafLayer): void {
  const name = file.attributes(vars).get('name');
  const plain = !own.includes('/') && /(^|\/)layers\/[^/]+\/vars$/.test(vars);
  if (!plain || typeof name !== 'string' || name === own) return;
  throw new TfmotError(
    'invalid-weights',
    `The weights of layer '${path}' are expected in '${vars}', but those are of '${name}'. Save the model again.`,
  );
}

/** Weights of layers that are not known. */
function unclaimed(file: Hdf5File, root: string, claimed: ReadonlySet<string>): FoundWeight[] {
  const found: FoundWeight[] = [];
  const walk = (path: string, depth: number): void => {
    if (depth > MAX_DEPTH)
      throw new TfmotError(
        'corrupt-file',
        `The groups of '${root}' must not nest deeper than ${MAX_DEPTH}. Save the model again.`,
      );
    for (const name of file.members(path)) {
      if (NO_WEIGHTS.includes(name)) continue;
      const member = `${path}/${name}`;
      if (file.dataset(member) === null) walk(member, depth + 1);
      else if (!claimed.has(member)) found.push({path: member, owner: null});
    }
  };
  walk(root, 0);
  return found;
}

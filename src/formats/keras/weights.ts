import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import {type StoredWeight, storedWeights, valuesOf} from '../../artifacts/stored-weights.ts';
import {TfmotError} from '../../errors.ts';
import type {Weight} from '../../graph/tensor.ts';
import type {LayerTree} from './layer-tree.ts';
import {mapWeights} from './weight-uses.ts';

/** The weights of a model by layer, decoded when first asked for. */
export interface WeightStore {
  /**
   * The weight `name` of the layer at `path`; the same object at every call.
   *
   * @returns null when there is none.
   * @throws TfmotError `non-finite-weight` when a number in it is not finite; `invalid-weights` for strings.
   */
  find(path: string, name: string): Weight | null;
}

/**
 * Checks the specs against the bytes, and reads weights from them as float32.
 *
 * @param tree The layers that own them.
 * @throws TfmotError `invalid-weights` when specs are not sound or do not add up to the bytes.
 */
export function openWeights(artifacts: ModelArtifacts, tree: LayerTree): WeightStore {
  const stored = new Map(storedWeights(artifacts).map(weight => [weight.spec.name, weight]));
  const map = mapWeights(artifacts.weightSpecs, tree);
  const decoded = new Map<string, Weight>();
  return {
    find: (path, name) => {
      const saved = map.nameOf(path, name);
      if (saved === undefined) return null;
      const weight = decoded.get(saved) ?? decode(stored.get(saved)!);
      decoded.set(saved, weight);
      return weight;
    },
  };
}

function decode(weight: StoredWeight): Weight {
  const {name, shape} = weight.spec;
  if (weight.stored === 'string' || weight.stored === 'complex64')
    throw new TfmotError('invalid-weights', `Weight '${name}' must hold real numbers, but is ${weight.stored}.`);
  const data = valuesOf(weight);
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]!)) {
      throw new TfmotError(
        'non-finite-weight',
        `Weights must be finite, but element ${i} of '${name}' is ${data[i]}. The training has diverged: go back to an earlier checkpoint.`,
      );
    }
  }
  return {name, shape, data};
}

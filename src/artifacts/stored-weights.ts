import type {ModelArtifacts, WeightSpec} from './artifacts.ts';
import {decodeNumbers} from './decode.ts';
import type {StoredDtype} from './dtypes.ts';
import {misfit, placeSpecs, stringBytesAt} from './specs.ts';
import {concatenated, joinedBytes} from './weight-bytes.ts';

/** One weight of a model and its bytes, as they are stored. */
export interface StoredWeight {
  readonly spec: WeightSpec;
  /** What the bytes are. */
  readonly stored: StoredDtype;
  /** A view of the model's own bytes. */
  readonly bytes: Uint8Array;
}

/**
 * The weights of a model, in order.
 *
 * @throws TfmotError `invalid-weights` when the specs are not sound or do not add up to the bytes.
 */
export function storedWeights(artifacts: Pick<ModelArtifacts, 'weightData' | 'weightSpecs'>): StoredWeight[] {
  const all = joinedBytes(artifacts);
  const placed = placeSpecs(artifacts.weightSpecs, (elements, from) => stringBytesAt(all, elements, from));
  const end = placed.at(-1)?.to ?? 0;
  if (end !== all.length) throw misfit(end, all.length);
  return placed.map(({spec, stored, from, to}) => ({spec, stored, bytes: all.subarray(from, to)}));
}

/**
 * The values of a weight as float32, dequantised if it is quantised; two of each complex number, none of strings. A
 * view where the bytes allow it: not to be changed.
 */
export function valuesOf({spec, stored, bytes}: StoredWeight): Float32Array {
  return decodeNumbers(bytes, stored, spec);
}

/** Artifacts with other weights; everything else is the model's own. */
export function replaceWeights(
  model: ModelArtifacts,
  weights: readonly Pick<StoredWeight, 'spec' | 'bytes'>[],
): ModelArtifacts {
  const weightData = concatenated(weights.map(({bytes}) => bytes)).buffer;
  return {...model, weightSpecs: weights.map(({spec}) => spec), weightData};
}

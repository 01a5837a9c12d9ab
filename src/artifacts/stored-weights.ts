import {TfmotError} from '../errors.ts';
import type {ModelArtifacts, WeightSpec} from './artifacts.ts';
import {decodeNumbers} from './decode.ts';

/** One weight of a model and its bytes, as they are stored. */
export interface StoredWeight {
  readonly spec: WeightSpec;
  /** A view of the model's own bytes. */
  readonly bytes: Uint8Array;
}

const BYTES: Readonly<Record<string, number>> = {float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2};

/**
 * The weights of a model, in order.
 *
 * @throws TfmotError `invalid-weights` when the specs do not add up to the bytes or a dtype is unknown.
 */
export function storedWeights({weightSpecs, weightData}: ModelArtifacts): StoredWeight[] {
  const all = joined(weightData);
  let offset = 0;
  const weights = weightSpecs.map(spec => {
    const stored = spec.quantization?.dtype ?? spec.dtype;
    const size = Object.hasOwn(BYTES, stored) ? BYTES[stored] : undefined;
    if (size === undefined) {
      throw new TfmotError('invalid-weights', `Weight '${spec.name}' is stored as '${stored}', which cannot be read.`);
    }
    const start = offset;
    offset += size * spec.shape.reduce((product, length) => product * length, 1);
    return {spec, bytes: all.subarray(start, offset)};
  });
  if (offset !== all.length) {
    throw new TfmotError(
      'invalid-weights',
      `The weight specs need ${offset} bytes, but the weight data has ${all.length}. Load the weights with the topology.`,
    );
  }
  return weights;
}

/** The values of a weight as float32, dequantised if it is quantised. A view where the bytes allow it: not to be changed. */
export function valuesOf({spec, bytes}: StoredWeight): Float32Array {
  return decodeNumbers(bytes, spec.quantization?.dtype ?? spec.dtype, spec);
}

/** Artifacts with other weights; everything else is the model's own. */
export function withWeights(model: ModelArtifacts, weights: readonly StoredWeight[]): ModelArtifacts {
  const data = new Uint8Array(weights.reduce((sum, {bytes}) => sum + bytes.length, 0));
  let offset = 0;
  for (const {bytes} of weights) {
    data.set(bytes, offset);
    offset += bytes.length;
  }
  return {...model, weightSpecs: weights.map(({spec}) => spec), weightData: data.buffer};
}

function joined(weightData: ModelArtifacts['weightData']): Uint8Array {
  if (!Array.isArray(weightData)) return new Uint8Array(weightData as ArrayBuffer);
  const buffers = weightData as readonly ArrayBuffer[];
  const all = new Uint8Array(buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0));
  let offset = 0;
  for (const buffer of buffers) {
    all.set(new Uint8Array(buffer), offset);
    offset += buffer.byteLength;
  }
  return all;
}

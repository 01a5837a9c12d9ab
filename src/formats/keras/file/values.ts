import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {TfmotError} from '../../../errors.ts';
import {toFloat16} from '../../../quantizers/float16.ts';
import type {Hdf5Dtype} from '../../hdf5/datatype.ts';

/** A weight as artifacts have it. */
export interface ArtifactWeight {
  readonly spec: WeightSpec;
  readonly bytes: Uint8Array;
}

/** Arrays of the numbers of HDF5 that are no bytes of a TensorFlow.js dtype as they are. */
const INTEGERS = {
  int8: Int8Array,
  int16: Int16Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
} as const;

/** Whether artifacts have the bytes of a weight as the file has them. */
export function keepsBytes(dtype: Hdf5Dtype): boolean {
  return dtype === 'float32' || dtype === 'float16' || dtype === 'int32' || dtype === 'bool';
}

/**
 * A weight of an HDF5 file for artifacts, which know fewer dtypes: doubles and brain floats become float32, whole
 * numbers int32.
 *
 * @param bytes Its elements, little-endian.
 * @throws TfmotError `invalid-weights` when it holds no numbers, or whole ones too large.
 */
export function toArtifacts(
  name: string,
  shape: readonly number[],
  dtype: Hdf5Dtype,
  bytes: Uint8Array,
): ArtifactWeight {
  const spec = (kind: WeightSpec['dtype']): WeightSpec => ({name, shape, dtype: kind});
  switch (dtype) {
    case 'float32':
    case 'int32':
    case 'bool':
      return {spec: spec(dtype), bytes};
    case 'float16': {
      // What TensorFlow.js' converter writes, and TensorFlow.js reads.
      const quantization = {dtype, original_dtype: 'float32'} as const;
      return {spec: {...spec('float32'), quantization}, bytes};
    }
    case 'float64':
      return {spec: spec('float32'), bytes: bytesOf(Float32Array.from(new Float64Array(aligned(bytes))))};
    case 'bfloat16':
      return {
        spec: spec('float32'),
        bytes: bytesOf(Uint32Array.from(new Uint16Array(aligned(bytes)), bits => bits << 16)),
      };
    case 'opaque':
    case 'string':
    case 'vlen-string':
    case 'other':
      throw new TfmotError('invalid-weights', `Weight '${name}' must hold numbers, but the file has ${dtype} for it.`);
    default: {
      const values = Array.from(new INTEGERS[dtype](aligned(bytes)) as Iterable<number | bigint>, Number);
      const large = values.find(value => value !== Math.trunc(value) || Math.abs(value) > 0x7fffffff);
      if (large !== undefined)
        throw new TfmotError(
          'invalid-weights',
          `Weight '${name}' must hold whole numbers of 32 bits, but holds ${large}.`,
        );
      return {spec: spec('int32'), bytes: bytesOf(Int32Array.from(values))};
    }
  }
}

/**
 * Other values for a weight as the file has it.
 *
 * @throws TfmotError `invalid-argument` for a weight of whole numbers, and for values beyond float16.
 */
export function fromValues(name: string, dtype: Hdf5Dtype, values: Float32Array): Uint8Array {
  switch (dtype) {
    case 'float32':
      return bytesOf(values.slice());
    case 'float64':
      return bytesOf(Float64Array.from(values));
    case 'float16': {
      const large = values.findIndex(value => !(Math.abs(value) < 65_520));
      if (large >= 0)
        throw new TfmotError(
          'invalid-argument',
          `float16 reaches to 65504, but element ${large} of '${name}' is ${values[large]}.`,
        );
      return bytesOf(toFloat16(values));
    }
    case 'bfloat16':
      return bytesOf(Uint16Array.from(new Uint32Array(values.slice().buffer), rounded));
    default:
      throw new TfmotError('invalid-argument', `Weight '${name}' is ${dtype} and cannot take other numbers.`);
  }
}

/** The upper half of a float, rounded to nearest, ties to even. */
function rounded(bits: number): number {
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function aligned(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}

function bytesOf({buffer, byteOffset, byteLength}: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

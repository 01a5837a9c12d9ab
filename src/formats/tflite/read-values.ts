import {decodeNumbers} from '../../artifacts/decode.ts';
import {TfmotError} from '../../errors.ts';
import {corrupt} from './read-flatbuffer.ts';
import type {Quantization, TfliteModel, TfliteTensor} from './read-model.ts';
import {sparsePlaces} from './read-sparse.ts';
import type {TensorType} from './schema.ts';

/** Bytes of one element of a tensor. */
export const ELEMENT_BYTES: Readonly<Record<Exclude<TensorType, 'string'>, number>> = {
  bool: 1,
  float16: 2,
  float32: 4,
  float64: 8,
  int16: 2,
  int32: 4,
  int64: 8,
  int8: 1,
  uint8: 1,
};

/** Elements of a tensor when it is dense. */
export function elementsOf({shape}: Pick<TfliteTensor, 'shape'>): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * The values of a constant tensor as float32, row by row: dequantised where it is quantised, dense where it is sparse. A
 * view of the file where its bytes allow it: not to be changed.
 *
 * @throws TfmotError `corrupt-file` when its bytes do not fit its shape; `unsupported-model` for text.
 */
export function tensorValues(model: Pick<TfliteModel, 'bytes'>, tensor: TfliteTensor): Float32Array {
  const {stored, places} = storedNumbers(model, tensor);
  const values = stored instanceof Float32Array ? stored : Float32Array.from(stored, Number);
  const {type, quantization} = tensor;
  const real =
    quantization === null || type.startsWith('float') ? values : dequantized(values, tensor, quantization, places);
  if (places === null) return real;
  const dense = new Float32Array(elementsOf(tensor));
  for (let i = 0; i < places.length; i++) dense[places[i]!] = real[i]!;
  return dense;
}

/** The numbers that a tensor stores, before any scale, and where they belong if it is sparse. */
export function storedNumbers(
  {bytes}: Pick<TfliteModel, 'bytes'>,
  tensor: TfliteTensor,
): {stored: ArrayLike<number> & Iterable<number>; places: Uint32Array | null} {
  const {content, sparsity, type, shape, name} = tensor;
  if (type === 'string')
    throw new TfmotError('unsupported-model', `Tensor '${name}' holds text, which no operator here reads.`);
  const {from, to} = content ?? {from: 0, to: 0};
  const width = ELEMENT_BYTES[type];
  const count = (to - from) / width;
  if (sparsity === null ? count !== elementsOf(tensor) : !Number.isInteger(count))
    throw corrupt(from, `${to - from} bytes for tensor '${name}' [${shape}] of ${type}`);
  const places = sparsity === null ? null : sparsePlaces(sparsity, shape, count);
  return {stored: decode(bytes.subarray(from, to), type), places};
}

function decode(bytes: Uint8Array, type: Exclude<TensorType, 'string'>): ArrayLike<number> & Iterable<number> {
  switch (type) {
    case 'float32':
    case 'float16':
    case 'int32':
    case 'bool':
      return decodeNumbers(bytes, type, {name: '', shape: [], dtype: 'float32'});
    case 'uint8':
      return bytes;
    case 'int8':
      return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    case 'int16':
      return new Int16Array(bytes.slice().buffer);
    case 'float64':
      return new Float64Array(bytes.slice().buffer);
    case 'int64':
      return Float64Array.from(new BigInt64Array(bytes.slice().buffer), Number);
  }
}

/** `places` says where each value belongs in the dense tensor; null where they lie row by row. */
function dequantized(
  stored: Float32Array,
  {shape}: TfliteTensor,
  {scales, zeroPoints, axis}: Quantization,
  places: Uint32Array | null,
): Float32Array {
  const inner = scales.length === 1 ? Number.POSITIVE_INFINITY : shape.slice(axis + 1).reduce((p, size) => p * size, 1);
  const values = new Float32Array(stored.length);
  for (let i = 0; i < values.length; i++) {
    const channel = Math.floor((places === null ? i : places[i]!) / inner) % scales.length;
    values[i] = (stored[i]! - zeroPoints[channel]!) * scales[channel]!;
  }
  return values;
}

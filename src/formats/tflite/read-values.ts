import {decodeNumbers} from '../../artifacts/decode.ts';
import {DTYPES} from '../../artifacts/dtypes.ts';
import {TfmotError} from '../../errors.ts';
import {toFloat16} from '../../quantizers/float16.ts';
import {corrupt} from './read-flatbuffer.ts';
import type {Quantization, TfliteTensor} from './read-model.ts';
import {sparsePlaces} from './read-sparse.ts';
import type {TensorType} from './schema.ts';

/** A tensor whose content the file holds and whose type is read. */
export interface StoredTensor extends TfliteTensor {
  readonly type: Exclude<TensorType, 'string'>;
}

/** Elements of a tensor when it is dense. */
export function elementsOf({shape}: Pick<TfliteTensor, 'shape'>): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether the numbers of a tensor can be read: all but text, and types that are new to this library. */
export function isStored(tensor: TfliteTensor): tensor is StoredTensor {
  return tensor.type !== 'string' && tensor.type !== 'other';
}

/**
 * Where the stored values of a sparse tensor belong in the dense one; null for a dense tensor.
 *
 * @throws TfmotError `corrupt-file` when the content does not fit the shape.
 */
export function placesOf(tensor: StoredTensor): Uint32Array | null {
  const {content, sparsity, type, shape, name} = tensor;
  const {from, to} = content ?? {from: 0, to: 0};
  const count = (to - from) / DTYPES[type].wordBytes;
  if (sparsity === null ? count !== elementsOf(tensor) : !Number.isInteger(count))
    throw corrupt(from, `${to - from} bytes for tensor '${name}' [${shape}] of ${type}`);
  return sparsity === null ? null : sparsePlaces(sparsity, shape, count);
}

/**
 * The values of a constant tensor as float32, row by row: dequantised where it is quantised, dense where it is sparse.
 * A view of the bytes where they allow it: not to be changed.
 *
 * @param bytes Of its content.
 * @throws TfmotError `corrupt-file` when its content does not fit its shape.
 */
export function decodeTensor(tensor: StoredTensor, bytes: Uint8Array): Float32Array {
  const places = placesOf(tensor);
  const grids = gridsOf(tensor);
  const stored = tensor.type === 'uint8' ? Float32Array.from(bytes) : decodeNumbers(bytes, tensor.type, PLAIN);
  const values = grids === null ? stored : dequantized(stored, tensor, grids, places);
  if (places === null) return values;
  const dense = new Float32Array(elementsOf(tensor));
  for (let i = 0; i < places.length; i++) dense[places[i]!] = values[i]!;
  return dense;
}

const PLAIN = {name: '', shape: [], dtype: 'float32'} as const;

/** Whole numbers of a constant tensor, each exactly; null where it holds others. */
export function wholeNumbers({type, quantization}: StoredTensor, bytes: Uint8Array): Float64Array | null {
  if (quantization !== null) return null;
  // A copy, so that the numbers are aligned.
  const {buffer} = bytes.slice();
  if (type === 'int64') return Float64Array.from(new BigInt64Array(buffer), Number);
  return type === 'int32' ? Float64Array.from(new Int32Array(buffer)) : null;
}

/**
 * The content of a tensor for other values: in its own type, on the grids that it has, at the places that it stores.
 *
 * @throws TfmotError `invalid-argument` for a value beyond its type, or one where a sparse tensor stores none.
 */
export function encodeTensor(tensor: StoredTensor, values: Float32Array): Uint8Array {
  const places = placesOf(tensor);
  const stored = places === null ? values.slice() : stripped(tensor, values, places);
  const grids = gridsOf(tensor);
  switch (tensor.type) {
    case 'float32':
      return bytesOf(stored);
    case 'float16':
      return bytesOf(halves(tensor, stored));
    case 'int8':
    case 'uint8':
      if (grids !== null) return bytesOf(levels(tensor.type, stored, tensor, grids, places));
  }
  throw new TfmotError('invalid-argument', `Tensor '${tensor.name}' is ${tensor.type} and cannot take other numbers.`);
}

function halves({name}: TfliteTensor, values: Float32Array): Uint16Array {
  const bits = toFloat16(values);
  const beyond = bits.findIndex(half => (half & 0x7fff) === 0x7c00);
  if (beyond < 0) return bits;
  throw new TfmotError('invalid-argument', `float16 reaches to 65504, but '${name}' would hold ${values[beyond]}.`);
}

/** What a sparse tensor stores of dense values. */
function stripped({name}: TfliteTensor, values: Float32Array, places: Uint32Array): Float32Array {
  const stored = new Float32Array(places.length);
  let nonZeros = 0;
  for (let i = 0; i < places.length; i++) {
    stored[i] = values[places[i]!]!;
    if (stored[i] !== 0) nonZeros++;
  }
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) nonZeros--;
  if (nonZeros === 0) return stored;
  throw new TfmotError(
    'invalid-argument',
    `Tensor '${name}' is stored sparsely and must stay zero where it stores nothing, but ${-nonZeros} of its numbers would not.`,
  );
}

/** The grids of a quantised tensor; null for one that stores the numbers themselves. */
function gridsOf({type, quantization}: StoredTensor): Quantization | null {
  return type.startsWith('float') || type === 'bool' ? null : quantization;
}

/** Which of a tensor's grids each of its stored values is on. `places` as {@link placesOf} has them. */
function channels(
  {shape}: TfliteTensor,
  {scales, axis}: Quantization,
  places: Uint32Array | null,
): (i: number) => number {
  if (scales.length === 1) return () => 0;
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  return i => Math.floor((places === null ? i : places[i]!) / inner) % scales.length;
}

function dequantized(
  stored: Float32Array,
  tensor: TfliteTensor,
  grids: Quantization,
  places: Uint32Array | null,
): Float32Array {
  const channelOf = channels(tensor, grids, places);
  const values = new Float32Array(stored.length);
  for (let i = 0; i < values.length; i++) {
    const channel = channelOf(i);
    values[i] = (stored[i]! - grids.zeroPoints[channel]!) * grids.scales[channel]!;
  }
  return values;
}

function levels(
  type: 'int8' | 'uint8',
  values: Float32Array,
  tensor: TfliteTensor,
  grids: Quantization,
  places: Uint32Array | null,
): Int8Array | Uint8Array {
  const channelOf = channels(tensor, grids, places);
  const [result, least, most] =
    type === 'int8' ? [new Int8Array(values.length), -128, 127] : [new Uint8Array(values.length), 0, 255];
  for (let i = 0; i < values.length; i++) {
    const channel = channelOf(i);
    const scale = grids.scales[channel]!;
    // A grid of scale 0 has but one value.
    const level = scale === 0 ? 0 : Math.round(values[i]! / scale);
    result[i] = Math.min(most, Math.max(least, level + grids.zeroPoints[channel]!));
  }
  return result;
}

const bytesOf = ({buffer, byteOffset, byteLength}: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

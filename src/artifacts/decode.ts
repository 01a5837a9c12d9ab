import {TfmotError} from '../errors.ts';
import {show} from '../show.ts';
import type {WeightSpec} from './artifacts.ts';
import type {StoredDtype} from './dtypes.ts';

/**
 * The numbers of one weight as float32: float32 and complex64 as stored (a view where the bytes are aligned), float64
 * and whole numbers converted, uint8 and uint16 as `scale * level + min`, float16 widened, none of strings.
 *
 * @param bytes Little-endian, exactly the weight's.
 * @param stored What the bytes are.
 * @throws TfmotError `invalid-weights` when a quantised weight lacks a finite `scale` or `min`.
 */
export function decodeNumbers(bytes: Uint8Array, stored: StoredDtype, spec: WeightSpec): Float32Array {
  switch (stored) {
    case 'string':
      return new Float32Array(0);
    case 'complex64':
    case 'float32':
      return new Float32Array(...aligned(bytes, 4));
    case 'float64':
      return Float32Array.from(new Float64Array(...aligned(bytes, 8)));
    case 'int8':
      return Float32Array.from(new Int8Array(...aligned(bytes, 1)));
    case 'int16':
      return Float32Array.from(new Int16Array(...aligned(bytes, 2)));
    case 'int32':
      return Float32Array.from(new Int32Array(...aligned(bytes, 4)));
    case 'int64':
      return Float32Array.from(new BigInt64Array(...aligned(bytes, 8)), Number);
    case 'bool':
      return Float32Array.from(bytes);
    case 'float16':
      return widen(new Uint16Array(...aligned(bytes, 2)));
    case 'uint8':
      return dequantize(bytes, spec);
    case 'uint16':
      return dequantize(new Uint16Array(...aligned(bytes, 2)), spec);
  }
}

function aligned(bytes: Uint8Array, width: number): [ArrayBuffer, number, number] {
  const whole = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  return [whole.buffer as ArrayBuffer, whole.byteOffset, whole.byteLength / width];
}

function dequantize(levels: Uint8Array | Uint16Array, {name, dtype, quantization}: WeightSpec): Float32Array {
  const {scale, min} = quantization!;
  if (!Number.isFinite(scale) || !Number.isFinite(min)) {
    throw new TfmotError(
      'invalid-weights',
      `The quantisation of weight '${name}' must have a finite scale and min, but has ${show(scale)} and ${show(min)}.`,
    );
  }
  const values = new Float32Array(levels.length);
  for (let i = 0; i < levels.length; i++) values[i] = levels[i]! * scale! + min!;
  if (dtype === 'int32') for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i]!);
  return values;
}

/** IEEE half precision to single, exact for every bit pattern: subnormals, infinities and NaN included. */
function widen(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const sign = half & 0x8000 ? -1 : 1;
    if (exponent === 31) values[i] = fraction === 0 ? sign * Infinity : NaN;
    else values[i] = sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
  }
  return values;
}

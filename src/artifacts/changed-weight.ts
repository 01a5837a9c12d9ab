import {TfmotError} from '../errors.ts';
import {toFloat16} from '../quantizers/float16.ts';
import type {WeightSpec} from './artifacts.ts';
import {DTYPES} from './dtypes.ts';
import type {Change, Grid} from './open-model.ts';
import type {StoredWeight} from './stored-weights.ts';

/**
 * A weight with other values, as the model will store it. Plain values go back in the dtype that the weight has: halves
 * are rounded; levels must fall on the weight's own grid, zero exactly, and where one does not the weight widens to
 * float32.
 *
 * @throws TfmotError `invalid-argument` for another number of values, for values of a weight that holds no real
 *     numbers, and for values beyond float16 where that is asked for.
 */
export function changedWeight(weight: StoredWeight, change: Change): StoredWeight {
  const {name, shape, dtype} = weight.spec;
  const elements = shape.reduce((product, size) => product * size, 1);
  const given = 'levels' in change ? change.levels : change.values;
  if (given.length !== elements) {
    throw new TfmotError(
      'invalid-argument',
      `Weight '${name}' of shape [${shape}] needs ${elements} values, but got ${given.length}.`,
    );
  }
  if (DTYPES[weight.stored].kind === 'opaque' || weight.stored === 'complex64' || weight.stored === 'bool')
    throw new TfmotError('invalid-argument', `Weight '${name}' is ${weight.stored} and cannot take other numbers.`);
  const bare = {name, shape, dtype};
  if ('levels' in change) {
    const stored = change.levels instanceof Uint8Array ? 'uint8' : 'uint16';
    return {spec: quantized(bare, {dtype: stored, ...change.grid}), stored, bytes: bytesOf(change.levels)};
  }
  const stored = change.dtype ?? weight.stored;
  if (stored === 'float16') return halves(bare, change.values);
  if (stored === 'int32') return {spec: bare, stored, bytes: bytesOf(Int32Array.from(change.values, Math.round))};
  const {quantization} = weight.spec;
  if (stored !== 'float32' && quantization?.scale !== undefined) {
    const fitting = onGrid(change.values, stored as 'uint8' | 'uint16', quantization as Grid);
    if (fitting !== null) {
      const {levels, grid} = fitting;
      return {spec: quantized(bare, {dtype: stored as 'uint8', ...grid}), stored, bytes: bytesOf(levels)};
    }
  }
  // A copy: the caller's array may change later.
  return {spec: {...bare, dtype: 'float32'}, stored: 'float32', bytes: bytesOf(change.values.slice())};
}

/**
 * Values as levels of a grid, if each is one of the grid's values. The grid that comes back is the same but for its
 * `min`, which is moved by rounding errors alone so that the level of zero is decoded to zero exactly.
 */
function onGrid(
  values: Float32Array,
  stored: 'uint8' | 'uint16',
  {scale, min}: Grid,
): {levels: Uint8Array | Uint16Array; grid: Grid} | null {
  const zero = Math.round(-min / scale);
  const last = stored === 'uint8' ? 255 : 65_535;
  // Decoders compute scale * level + min in double precision and round once, to single.
  const exact = -(zero * scale);
  if (!(Math.abs(exact - min) <= Math.abs(scale) * 1e-3 && zero >= 0 && zero <= last)) return null;
  const grid = {scale, min: exact === 0 ? 0 : exact};
  const levels = stored === 'uint8' ? new Uint8Array(values.length) : new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const level = Math.round((values[i]! - min) / scale);
    if (level < 0 || level > last) return null;
    const rounding = Math.abs(values[i]!) * 2 ** -23;
    if (Math.abs(level * scale + min - values[i]!) > Math.abs(scale) * 1e-3 + rounding) return null;
    levels[i] = level;
  }
  return {levels, grid};
}

function halves(bare: WeightSpec, values: Float32Array): StoredWeight {
  const bits = toFloat16(values);
  const overflow = bits.findIndex(half => (half & 0x7fff) === 0x7c00);
  if (overflow >= 0) {
    throw new TfmotError(
      'invalid-argument',
      `float16 reaches to 65504, but element ${overflow} of '${bare.name}' is ${values[overflow]}. Exclude it or use 'uint16'.`,
    );
  }
  return {spec: quantized(bare, {dtype: 'float16'}), stored: 'float16', bytes: bytesOf(bits)};
}

/** The Python converter writes `original_dtype`, and TensorFlow.js reads it. */
function quantized(spec: WeightSpec, quantization: NonNullable<WeightSpec['quantization']>): WeightSpec {
  return {...spec, quantization: {...quantization, original_dtype: spec.dtype} as typeof quantization};
}

const bytesOf = ({buffer, byteOffset, byteLength}: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

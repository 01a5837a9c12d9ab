/** Levels 0 to 255 or 65535 that stand for `scale * level + min`. */
export interface AffineLevels<Levels extends Uint8Array | Uint16Array = Uint8Array | Uint16Array> {
  readonly levels: Levels;
  readonly scale: number;
  readonly min: number;
}

/** Different levels that a type can hold. */
export const LEVELS = {uint8: 256, uint16: 65536} as const;

/**
 * Spreads the levels of 8 or 16 bits evenly over the range of the values. Where the range holds zero, one level is
 * exactly zero, so that zeros stay zeros: the range moves by less than half a step, and what then lies outside gets the
 * last level.
 *
 * @param values Finite; not changed.
 * @param count How many levels to use, from 2 to all of the type's. Fewer are coarser, and compress better.
 * @returns Each level stands for `scale * level + min`, as TensorFlow.js computes it, at most one step from its value.
 */
export function quantizeAffine(
  values: Float32Array,
  dtype: 'uint8' | 'uint16',
  count: number = LEVELS[dtype],
): AffineLevels {
  const last = count - 1;
  const [low, high] = rangeOf(values);
  const scale = high > low ? (high - low) / last : 1;
  const min = low <= 0 && high >= 0 ? -(Math.round(-low / scale) * scale) : low;
  const levels = dtype === 'uint8' ? new Uint8Array(values.length) : new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const level = Math.round((values[i]! - min) / scale);
    levels[i] = Math.max(0, Math.min(last, level));
  }
  return {levels, scale, min: min === 0 ? 0 : min};
}

function rangeOf(values: Float32Array): [number, number] {
  let low = values[0] ?? 0;
  let high = low;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  return [low, high];
}

const INFINITE = 0x7c00;

/**
 * Single to half precision, rounded to nearest, ties to even (IEEE 754): exact for what a half can hold, subnormals and
 * signed zeros included.
 *
 * @param values Finite.
 * @returns The halves' bits; infinity for magnitudes from 65,520 on.
 */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const sign = (bits[i]! >>> 16) & 0x8000;
    const magnitude = bits[i]! & 0x7fffffff;
    halves[i] = sign | (magnitude < 0x38800000 ? subnormal(magnitude) : normal(magnitude));
  }
  return halves;
}

/** Adding the rest below the last kept bit carries into the exponent where it has to. */
function normal(magnitude: number): number {
  if (magnitude >= 0x477ff000) return INFINITE;
  return (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
}

/** Below 2^-14 the exponent is fixed and the fraction, with its leading one, moves right. */
function subnormal(magnitude: number): number {
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return 0;
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const half = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return rest > middle || (rest === middle && (half & 1) === 1) ? half + 1 : half;
}

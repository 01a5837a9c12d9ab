// Sines of any float, right to the last bits: computed in 64 bits.

/** 256 bits of 2 / pi behind the point, 64 at a time, and those before. */
function twoOverPi(word: i32): u64 {
  switch (word) {
    case -1:
      return 0;
    case 0:
      return 0xa2f9836e4e441529;
    case 1:
      return 0xfc2757d1f534ddc0;
    case 2:
      return 0xdb6295993c439041;
    default:
      return 0xfe5163abdebbc561;
  }
}

/** 64 bits of 2 / pi from bit `from` on. */
function bitsFrom(from: i32): u64 {
  const word = from >> 6;
  const shift = <u64>(from & 63);
  const first = twoOverPi(word) << shift;
  return shift == 0 ? first : first | (twoOverPi(word + 1) >> (64 - shift));
}

/**
 * `m 2^e` in quarter turns, for a mantissa of 24 bits and e from -60 to 104: the whole turns that a multiple of 4 is
 * are left out of 2 / pi before it is multiplied (Payne and Hanek). In units of 2^-62: quarters modulo 4 are all of the
 * 64 bits.
 */
function quarters(m: u64, e: i32): u64 {
  return m * bitsFrom(e - 2) + ((m * (bitsFrom(e + 62) >> 32)) >> 32);
}

/** sin(x) a number of quarter turns on: `turns` 1 is cos(x). */
export function sine(x: f32, turns: i32): f32 {
  const size = abs<f32>(x);
  if (!(size < Infinity)) return NaN;
  let r: f64;
  if (size < 1e6) {
    const n = nearest<f64>(<f64>x * 0.63661977236758134308);
    r = <f64>x - n * 1.57079632673412561417 - n * 6.07710050650619224932e-11;
    turns += <i32>n;
  } else {
    const bits = reinterpret<u32>(size);
    const q = quarters((bits & 0x7fffff) | 0x800000, <i32>(bits >> 23) - 150);
    const n = (q + 0x2000000000000000) >> 62;
    r = <f64>(<i64>(q - (n << 62))) * 3.4061215800865545e-19;
    turns += <i32>n;
    // Only the sine is odd: for a negative number count its turns from behind.
    if (x < 0) {
      r = -r;
      turns += -2 * <i32>n;
    }
  }
  const r2 = r * r;
  let y = turns & 1
    ? 1 + r2 * (-1.0 / 2 + r2 * (1.0 / 24 + r2 * (-1.0 / 720 + r2 * (1.0 / 40320 + r2 * (-1.0 / 3628800)))))
    : r * (1 + r2 * (-1.0 / 6 + r2 * (1.0 / 120 + r2 * (-1.0 / 5040 + r2 * (1.0 / 362880)))));
  if (turns & 2) y = -y;
  return <f32>y;
}

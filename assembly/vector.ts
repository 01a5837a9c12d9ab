// Weights times one feature vector. Sparse weights: VECTOR, bias, slabs. A SLAB covers up to SLAB_INPUTS inputs: a
// VECTOR_ROW for each output or four, then all weights and all 16-bit input offsets, each one stream. The slab's inputs
// are copied to address 0, so that a 16-bit offset is an address.
import {
  DENSE_VECTOR_BYTES, DENSE_VECTOR_GROUPS, DENSE_VECTOR_INPUTS, SLAB_BYTES, SLAB_INDICES_AT, SLAB_INPUT_BYTES, SLAB_INPUT_OFFSET, SLAB_NEXT, SLAB_ROWS,
  SLAB_WEIGHTS_AT, VECTOR_BIAS_BYTES, VECTOR_BYTES, VECTOR_ROW_BYTES, VECTOR_ROW_OUTPUT, VECTOR_ROW_UNITS, VECTOR_SLABS,
} from './contract.generated';
import {clamp, madd, total} from './simd';

/** The four floats at the addresses in four 16-bit numbers. */
// @ts-ignore: decorator
@inline
function gather(indices: usize): v128 {
  const ab = i8x16.shuffle(
    v128.load32_zero(<usize>load<u16>(indices)), v128.load32_zero(<usize>load<u16>(indices, 2)),
    0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23,
  );
  const cd = i8x16.shuffle(
    v128.load32_zero(<usize>load<u16>(indices, 4)), v128.load32_zero(<usize>load<u16>(indices, 6)),
    0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23,
  );
  return i8x16.shuffle(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}

/** Prepares slab after slab and hands each to one of the three inner loops; `format` is a constant of each caller. */
// @ts-ignore: decorator
@inline
function slabs(format: i32, weights: usize, x: usize, y: usize, low: f32, high: f32): void {
  let slab = weights + VECTOR_BYTES + <usize>load<u32>(weights, VECTOR_BIAS_BYTES);
  memory.copy(y, weights + VECTOR_BYTES, <usize>load<u32>(weights, VECTOR_BIAS_BYTES));
  for (let left = load<u32>(weights, VECTOR_SLABS); left > 0; left--) {
    memory.copy(0, x + <usize>load<u32>(slab, SLAB_INPUT_OFFSET), <usize>load<u32>(slab, SLAB_INPUT_BYTES));
    const last = left == 1;
    const lo: f32 = last ? low : -Infinity;
    const hi: f32 = last ? high : Infinity;
    const rows = slab + SLAB_BYTES;
    const end = rows + <usize>load<u32>(slab, SLAB_ROWS) * VECTOR_ROW_BYTES;
    const w = weights + <usize>load<u32>(slab, SLAB_WEIGHTS_AT);
    const i = weights + <usize>load<u32>(slab, SLAB_INDICES_AT);
    if (format == 0) entries(rows, end, w, i, y, lo, hi);
    else if (format == 1) blocks(rows, end, w, i, y, lo, hi);
    else inputBlocks(rows, end, w, i, y, lo, hi);
    slab = weights + <usize>load<u32>(slab, SLAB_NEXT);
  }
}

// @ts-ignore: decorator
@inline
function entries(rows: usize, end: usize, w: usize, i: usize, y: usize, low: f32, high: f32): void {
  for (; rows < end; rows += VECTOR_ROW_BYTES) {
    const stop = w + ((<usize>load<u32>(rows, VECTOR_ROW_UNITS)) << 4);
    let s0 = f32x4.splat(0);
    let s1 = s0;
    for (; w + 16 < stop; w += 32, i += 16) {
      s0 = madd(v128.load(w), gather(i), s0);
      s1 = madd(v128.load(w, 16), gather(i + 8), s1);
    }
    if (w < stop) {
      s0 = madd(v128.load(w), gather(i), s0);
      w += 16, i += 8;
    }
    const q = y + <usize>load<u32>(rows, VECTOR_ROW_OUTPUT);
    store<f32>(q, min(high, max(low, load<f32>(q) + total(f32x4.add(s0, s1)))));
  }
}

// @ts-ignore: decorator
@inline
function blocks(rows: usize, end: usize, w: usize, i: usize, y: usize, low: f32, high: f32): void {
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  for (; rows < end; rows += VECTOR_ROW_BYTES) {
    const q = y + <usize>load<u32>(rows, VECTOR_ROW_OUTPUT);
    const stop = w + ((<usize>load<u32>(rows, VECTOR_ROW_UNITS)) << 4);
    let s0 = v128.load(q);
    let s1 = f32x4.splat(0);
    let s2 = s1, s3 = s1;
    for (; w + 48 < stop; w += 64, i += 8) {
      s0 = madd(v128.load(w), v128.load_splat<f32>(<usize>load<u16>(i)), s0);
      s1 = madd(v128.load(w, 16), v128.load_splat<f32>(<usize>load<u16>(i, 2)), s1);
      s2 = madd(v128.load(w, 32), v128.load_splat<f32>(<usize>load<u16>(i, 4)), s2);
      s3 = madd(v128.load(w, 48), v128.load_splat<f32>(<usize>load<u16>(i, 6)), s3);
    }
    for (; w < stop; w += 16, i += 2) {
      s0 = madd(v128.load(w), v128.load_splat<f32>(<usize>load<u16>(i)), s0);
    }
    v128.store(q, clamp(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), lo, hi));
  }
}

// @ts-ignore: decorator
@inline
function inputBlocks(rows: usize, end: usize, w: usize, i: usize, y: usize, low: f32, high: f32): void {
  for (; rows < end; rows += VECTOR_ROW_BYTES) {
    const stop = w + ((<usize>load<u32>(rows, VECTOR_ROW_UNITS)) << 4);
    let s0 = f32x4.splat(0);
    let s1 = s0, s2 = s0, s3 = s0;
    for (; w + 48 < stop; w += 64, i += 8) {
      s0 = madd(v128.load(w), v128.load(<usize>load<u16>(i)), s0);
      s1 = madd(v128.load(w, 16), v128.load(<usize>load<u16>(i, 2)), s1);
      s2 = madd(v128.load(w, 32), v128.load(<usize>load<u16>(i, 4)), s2);
      s3 = madd(v128.load(w, 48), v128.load(<usize>load<u16>(i, 6)), s3);
    }
    for (; w < stop; w += 16, i += 2) {
      s0 = madd(v128.load(w), v128.load(<usize>load<u16>(i)), s0);
    }
    const q = y + <usize>load<u32>(rows, VECTOR_ROW_OUTPUT);
    store<f32>(q, min(high, max(low, load<f32>(q) + total(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))))));
  }
}

/** Sparse matrix (CSR) times one feature vector, clamped to `[low, high]`. */
export function csrVector1x4(weights: usize, x: usize, y: usize, low: f32, high: f32): void {
  slabs(0, weights, x, y, low, high);
}

/** The same for blocks of four outputs at one input. */
export function blockVector4x1(weights: usize, x: usize, y: usize, low: f32, high: f32): void {
  slabs(1, weights, x, y, low, high);
}

/** The same for blocks of four inputs at one output. */
export function inputBlockVector1x4(weights: usize, x: usize, y: usize, low: f32, high: f32): void {
  slabs(2, weights, x, y, low, high);
}

/** The same for a dense matrix: DENSE_VECTOR, bias, then for each group of four outputs `[input][4]`. */
export function denseVector4x1(weights: usize, x: usize, y: usize, low: f32, high: f32): void {
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const groups = <usize>load<u32>(weights, DENSE_VECTOR_GROUPS);
  const inputs = (<usize>load<u32>(weights, DENSE_VECTOR_INPUTS)) << 4;
  const end = y + (groups << 4);
  let bias = weights + DENSE_VECTOR_BYTES;
  let w = bias + (groups << 4);
  for (; y < end; y += 16, bias += 16) {
    const stop = w + inputs;
    let p = x;
    let s0 = v128.load(bias);
    let s1 = f32x4.splat(0);
    let s2 = s1, s3 = s1;
    for (; w + 48 < stop; w += 64, p += 16) {
      s0 = madd(v128.load(w), v128.load_splat<f32>(p), s0);
      s1 = madd(v128.load(w, 16), v128.load_splat<f32>(p, 4), s1);
      s2 = madd(v128.load(w, 32), v128.load_splat<f32>(p, 8), s2);
      s3 = madd(v128.load(w, 48), v128.load_splat<f32>(p, 12), s3);
    }
    for (; w < stop; w += 16, p += 4) s0 = madd(v128.load(w), v128.load_splat<f32>(p), s0);
    v128.store(y, clamp(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), lo, hi));
  }
}

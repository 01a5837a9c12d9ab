// Weights of four outputs at one input, times many pixels. Record of a group of outputs: {u32 blocks, 0, 0, 0, 4 u32 output offsets, f32 bias[4]}.
// Sparse: the groups, then blocks of {u32 input offset, f32 weights[4]}. Dense: the groups, the input offsets once, then f32 weights[4] each.
import {clamp, madd} from './simd';

const GROUP: usize = 48;

/** Four outputs over two vectors, 8 pixels: eight sums. `dense` is a constant of each caller. */
// @ts-ignore: decorator
@inline
function tile2(dense: bool, group: usize, end: usize, w: usize, offsets: usize, x: usize, y: usize, low: v128, high: v128): void {
  for (; group < end; group += GROUP) {
    const stop = w + (<usize>load<u32>(group)) * (dense ? 16 : 20);
    let a0 = v128.load_splat<f32>(group, 32), a1 = a0;
    let b0 = v128.load_splat<f32>(group, 36), b1 = b0;
    let c0 = v128.load_splat<f32>(group, 40), c1 = c0;
    let d0 = v128.load_splat<f32>(group, 44), d1 = d0;
    let o = offsets;
    while (w < stop) {
      const p = x + <usize>load<u32>(dense ? o : w);
      const x0 = v128.load(p);
      const x1 = v128.load(p, 16);
      if (dense) o += 4;
      else w += 4;
      const a = v128.load_splat<f32>(w);
      a0 = madd(a, x0, a0), a1 = madd(a, x1, a1);
      const b = v128.load_splat<f32>(w, 4);
      b0 = madd(b, x0, b0), b1 = madd(b, x1, b1);
      const c = v128.load_splat<f32>(w, 8);
      c0 = madd(c, x0, c0), c1 = madd(c, x1, c1);
      const d = v128.load_splat<f32>(w, 12);
      d0 = madd(d, x0, d0), d1 = madd(d, x1, d1);
      w += 16;
    }
    let q = y + <usize>load<u32>(group, 16);
    v128.store(q, clamp(a0, low, high)), v128.store(q, clamp(a1, low, high), 16);
    q = y + <usize>load<u32>(group, 20);
    v128.store(q, clamp(b0, low, high)), v128.store(q, clamp(b1, low, high), 16);
    q = y + <usize>load<u32>(group, 24);
    v128.store(q, clamp(c0, low, high)), v128.store(q, clamp(c1, low, high), 16);
    q = y + <usize>load<u32>(group, 28);
    v128.store(q, clamp(d0, low, high)), v128.store(q, clamp(d1, low, high), 16);
  }
}

// @ts-ignore: decorator
@inline
function tile1(dense: bool, group: usize, end: usize, w: usize, offsets: usize, x: usize, y: usize, low: v128, high: v128): void {
  for (; group < end; group += GROUP) {
    const stop = w + (<usize>load<u32>(group)) * (dense ? 16 : 20);
    let a0 = v128.load_splat<f32>(group, 32);
    let b0 = v128.load_splat<f32>(group, 36);
    let c0 = v128.load_splat<f32>(group, 40);
    let d0 = v128.load_splat<f32>(group, 44);
    let o = offsets;
    while (w < stop) {
      const x0 = v128.load(x + <usize>load<u32>(dense ? o : w));
      if (dense) o += 4;
      else w += 4;
      a0 = madd(v128.load_splat<f32>(w), x0, a0);
      b0 = madd(v128.load_splat<f32>(w, 4), x0, b0);
      c0 = madd(v128.load_splat<f32>(w, 8), x0, c0);
      d0 = madd(v128.load_splat<f32>(w, 12), x0, d0);
      w += 16;
    }
    v128.store(y + <usize>load<u32>(group, 16), clamp(a0, low, high));
    v128.store(y + <usize>load<u32>(group, 20), clamp(b0, low, high));
    v128.store(y + <usize>load<u32>(group, 24), clamp(c0, low, high));
    v128.store(y + <usize>load<u32>(group, 28), clamp(d0, low, high));
  }
}

// @ts-ignore: decorator
@inline
function overPixels(dense: bool, weights: usize, x: usize, y: usize, pixels: i32, low: f32, high: f32): void {
  const groups = weights + 16;
  const end = groups + (<usize>load<u32>(weights)) * GROUP;
  const w = dense ? end + ((<usize>load<u32>(weights, 4)) << 2) : end;
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  for (; pixels > 4; pixels -= 8, x += 32, y += 32) tile2(dense, groups, end, w, end, x, y, lo, hi);
  if (pixels > 0) tile1(dense, groups, end, w, end, x, y, lo, hi);
}

/** Groups of sparse blocks over `pixels`, rounded up to fours. */
export function blockPixels(weights: usize, x: usize, y: usize, pixels: i32, low: f32, high: f32): void {
  overPixels(false, weights, x, y, pixels, low, high);
}

/** A dense matrix over `pixels`, rounded up to fours. */
export function densePixels(weights: usize, x: usize, y: usize, pixels: i32, low: f32, high: f32): void {
  overPixels(true, weights, x, y, pixels, low, high);
}

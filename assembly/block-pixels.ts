// Weights of four outputs at one input, times many pixels: BLOCK_PIXELS, a GROUP for each four outputs, then if sparse
// a BLOCK for each four weights, if dense the input offsets once and the weights of the groups.
import {
  BLOCK_BYTES, BLOCK_PIXELS_BYTES, BLOCK_PIXELS_GROUPS, BLOCK_PIXELS_INPUTS, BLOCK_WEIGHT, BLOCK_WIDE_TILE, GROUP_BIAS, GROUP_BLOCKS, GROUP_BYTES,
  GROUP_OUTPUT, TILE,
} from './contract.generated';
import {clamp, madd} from './simd';

const GROUP: usize = GROUP_BYTES;
/** Bytes from tile to tile. */
// @ts-ignore: decorator
@inline
const WIDE: usize = <usize>BLOCK_WIDE_TILE << 2;

/** Four outputs over two vectors, 8 pixels: eight sums. `dense` is a constant of each caller. */
// @ts-ignore: decorator
@inline
function tile8(dense: bool, group: usize, end: usize, w: usize, offsets: usize, x: usize, y: usize, low: v128, high: v128): void {
  for (; group < end; group += GROUP) {
    const stop = w + (<usize>load<u32>(group, GROUP_BLOCKS)) * (dense ? 16 : BLOCK_BYTES);
    let a0 = v128.load_splat<f32>(group, GROUP_BIAS), a1 = a0;
    let b0 = v128.load_splat<f32>(group, GROUP_BIAS + 4), b1 = b0;
    let c0 = v128.load_splat<f32>(group, GROUP_BIAS + 8), c1 = c0;
    let d0 = v128.load_splat<f32>(group, GROUP_BIAS + 12), d1 = d0;
    let o = offsets;
    while (w < stop) {
      const p = x + <usize>load<u32>(dense ? o : w);
      const x0 = v128.load(p);
      const x1 = v128.load(p, 16);
      if (dense) o += 4;
      else w += BLOCK_WEIGHT;
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
    let q = y + <usize>load<u32>(group, GROUP_OUTPUT);
    v128.store(q, clamp(a0, low, high)), v128.store(q, clamp(a1, low, high), 16);
    q = y + <usize>load<u32>(group, GROUP_OUTPUT + 4);
    v128.store(q, clamp(b0, low, high)), v128.store(q, clamp(b1, low, high), 16);
    q = y + <usize>load<u32>(group, GROUP_OUTPUT + 8);
    v128.store(q, clamp(c0, low, high)), v128.store(q, clamp(c1, low, high), 16);
    q = y + <usize>load<u32>(group, GROUP_OUTPUT + 12);
    v128.store(q, clamp(d0, low, high)), v128.store(q, clamp(d1, low, high), 16);
  }
}

// @ts-ignore: decorator
@inline
function tile4(dense: bool, group: usize, end: usize, w: usize, offsets: usize, x: usize, y: usize, low: v128, high: v128): void {
  for (; group < end; group += GROUP) {
    const stop = w + (<usize>load<u32>(group, GROUP_BLOCKS)) * (dense ? 16 : BLOCK_BYTES);
    let a0 = v128.load_splat<f32>(group, GROUP_BIAS);
    let b0 = v128.load_splat<f32>(group, GROUP_BIAS + 4);
    let c0 = v128.load_splat<f32>(group, GROUP_BIAS + 8);
    let d0 = v128.load_splat<f32>(group, GROUP_BIAS + 12);
    let o = offsets;
    while (w < stop) {
      const x0 = v128.load(x + <usize>load<u32>(dense ? o : w));
      if (dense) o += 4;
      else w += BLOCK_WEIGHT;
      a0 = madd(v128.load_splat<f32>(w), x0, a0);
      b0 = madd(v128.load_splat<f32>(w, 4), x0, b0);
      c0 = madd(v128.load_splat<f32>(w, 8), x0, c0);
      d0 = madd(v128.load_splat<f32>(w, 12), x0, d0);
      w += 16;
    }
    v128.store(y + <usize>load<u32>(group, GROUP_OUTPUT), clamp(a0, low, high));
    v128.store(y + <usize>load<u32>(group, GROUP_OUTPUT + 4), clamp(b0, low, high));
    v128.store(y + <usize>load<u32>(group, GROUP_OUTPUT + 8), clamp(c0, low, high));
    v128.store(y + <usize>load<u32>(group, GROUP_OUTPUT + 12), clamp(d0, low, high));
  }
}

// @ts-ignore: decorator
@inline
function overPixels(dense: bool, weights: usize, x: usize, y: usize, pixels: i32, low: f32, high: f32): void {
  const groups = weights + BLOCK_PIXELS_BYTES;
  const end = groups + (<usize>load<u32>(weights, BLOCK_PIXELS_GROUPS)) * GROUP;
  const w = dense ? end + ((<usize>load<u32>(weights, BLOCK_PIXELS_INPUTS)) << 2) : end;
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  for (; pixels > TILE; pixels -= BLOCK_WIDE_TILE, x += WIDE, y += WIDE) tile8(dense, groups, end, w, end, x, y, lo, hi);
  if (pixels > 0) tile4(dense, groups, end, w, end, x, y, lo, hi);
}

/** The same for blocks of four outputs at one input. */
export function blockPixels4x8(weights: usize, x: usize, y: usize, pixels: i32, low: f32, high: f32): void {
  overPixels(false, weights, x, y, pixels, low, high);
}

/** The same for a dense matrix. */
export function densePixels4x8(weights: usize, x: usize, y: usize, pixels: i32, low: f32, high: f32): void {
  overPixels(true, weights, x, y, pixels, low, high);
}

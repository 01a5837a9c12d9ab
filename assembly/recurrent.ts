// The gates of recurrent cells. Gates of `units` floats lie `stride` bytes apart; ends are rounded up to fours.
import {splat} from './math';
import {apply} from './elementwise';

// @ts-ignore: decorator
@inline
function gate(op: i32, zx: usize, zh: usize, at: usize): v128 {
  return apply(op, f32x4.add(v128.load(zx + at), v128.load(zh + at)), splat(1), splat(0));
}

/**
 * The gates of one LSTM step: `c = f c + i cellOp(g)`, `h = o cellOp(c)`. `zx` and `zh` (input and recurrent product,
 * summed here) hold `[i, f, g, o]` of `units` floats each; cell `c` and hidden state `h` are updated in place. `units`
 * must be a multiple of 4, or each gate padded to one: `stride` bytes lead from gate to gate. `gateOp`, `cellOp`:
 * `UNARY` codes with alpha 1.
 */
export function lstm(zx: usize, zh: usize, c: usize, h: usize, units: i32, stride: usize, gateOp: i32, cellOp: i32): void {
  for (; units > 0; units -= 4, zx += 16, zh += 16, c += 16, h += 16) {
    const i = gate(gateOp, zx, zh, 0);
    const f = gate(gateOp, zx, zh, stride);
    const g = gate(cellOp, zx, zh, stride << 1);
    const o = gate(gateOp, zx, zh, stride * 3);
    const cell = f32x4.add(f32x4.mul(f, v128.load(c)), f32x4.mul(i, g));
    v128.store(c, cell);
    v128.store(h, f32x4.mul(o, apply(cellOp, cell, splat(1), splat(0))));
  }
}

// @ts-ignore: decorator
@inline
function blend(z: v128, h: usize, candidate: v128): void {
  v128.store(h, f32x4.add(f32x4.mul(z, v128.load(h)), f32x4.mul(f32x4.sub(splat(1), z), candidate)));
}

/**
 * One GRU step with `resetAfter`: `zx`, `zh` hold `[z, r, h]`, biases included; `h = z h + (1 - z) cellOp(zx + r zh)`,
 * updated in place.
 */
export function gru(zx: usize, zh: usize, h: usize, units: i32, stride: usize, gateOp: i32, cellOp: i32): void {
  const last = stride << 1;
  for (; units > 0; units -= 4, zx += 16, zh += 16, h += 16) {
    const z = gate(gateOp, zx, zh, 0);
    const r = gate(gateOp, zx, zh, stride);
    const sum = f32x4.add(v128.load(zx + last), f32x4.mul(r, v128.load(zh + last)));
    blend(z, h, apply(cellOp, sum, splat(1), splat(0)));
  }
}

/**
 * First half of a GRU step without `resetAfter`: `zh` (two gates, `[z, r]`) is added to `zx`, both get `gateOp`, z
 * stays in `zx`, and `rh = r * h` is what the recurrent kernel of the candidate multiplies next.
 */
export function gruReset(zx: usize, zh: usize, h: usize, rh: usize, units: i32, stride: usize, gateOp: i32): void {
  for (; units > 0; units -= 4, zx += 16, zh += 16, h += 16, rh += 16) {
    v128.store(rh, f32x4.mul(gate(gateOp, zx, zh, stride), v128.load(h)));
    v128.store(zx, gate(gateOp, zx, zh, 0));
  }
}

/** Second half: `h = z h + (1 - z) cellOp(candidate of zx + zc)`, z and the candidate in `zx`, in place. */
export function gruUpdate(zx: usize, zc: usize, h: usize, units: i32, stride: usize, cellOp: i32): void {
  for (; units > 0; units -= 4, zx += 16, zc += 16, h += 16) {
    blend(v128.load(zx), h, gate(cellOp, zx + (stride << 1), zc, 0));
  }
}

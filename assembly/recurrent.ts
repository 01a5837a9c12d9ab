// The gates of recurrent cells. Gates of `units` floats lie `stride` bytes apart; ends are rounded up to fours.
import {splat} from './math';
import {apply} from './elementwise';

// @ts-ignore: decorator
@inline
function gate(op: i32, zx: usize, zh: usize, at: usize): v128 {
  return apply(op, f32x4.add(v128.load(zx + at), v128.load(zh + at)), splat(1), splat(0));
}

/** c = f c + i tanh(g), h = o tanh(c). */
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

/** resetAfter: candidate = tanh(xh + r (h U)), h = z h + (1 - z) candidate. */
export function gru(zx: usize, zh: usize, h: usize, units: i32, stride: usize, gateOp: i32, cellOp: i32): void {
  const last = stride << 1;
  for (; units > 0; units -= 4, zx += 16, zh += 16, h += 16) {
    const z = gate(gateOp, zx, zh, 0);
    const r = gate(gateOp, zx, zh, stride);
    const sum = f32x4.add(v128.load(zx + last), f32x4.mul(r, v128.load(zh + last)));
    blend(z, h, apply(cellOp, sum, splat(1), splat(0)));
  }
}

/** z into zx, r h into rh. */
export function gruReset(zx: usize, zh: usize, h: usize, rh: usize, units: i32, stride: usize, gateOp: i32): void {
  for (; units > 0; units -= 4, zx += 16, zh += 16, h += 16, rh += 16) {
    v128.store(rh, f32x4.mul(gate(gateOp, zx, zh, stride), v128.load(h)));
    v128.store(zx, gate(gateOp, zx, zh, 0));
  }
}

/** h = z h + (1 - z) tanh(xh + (r h) U). */
export function gruUpdate(zx: usize, zc: usize, h: usize, units: i32, stride: usize, cellOp: i32): void {
  for (; units > 0; units -= 4, zx += 16, zc += 16, h += 16) {
    blend(v128.load(zx), h, gate(cellOp, zx + (stride << 1), zc, 0));
  }
}

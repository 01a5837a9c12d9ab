// Resizing of planes.
import {RESIZE_ENTRY_BYTES, RESIZE_ENTRY_FIRST, RESIZE_ENTRY_FRACTION, RESIZE_ENTRY_SECOND} from './contract.generated';

/**
 * Planes at another size. `rows` and `columns` are offsets of tables of one RESIZE_ENTRY an output row or column: bytes
 * to the two rows or columns of the input that it lies between, and the fraction of the way as a float (`resizeTable`);
 * a fraction of 0 takes the first as it is.
 */
export function resize(
  x: usize, y: usize, planes: i32, xPlane: usize,
  outHeight: i32, outWidth: i32, yPlane: usize, yRow: usize, rows: usize, columns: usize,
): void {
  for (; planes > 0; planes--, x += xPlane, y += yPlane) {
    for (let row = 0; row < outHeight; row++) {
      const line = rows + <usize>row * RESIZE_ENTRY_BYTES;
      const p = x + <usize>load<u32>(line, RESIZE_ENTRY_FIRST);
      const q = x + <usize>load<u32>(line, RESIZE_ENTRY_SECOND);
      const fv = load<f32>(line, RESIZE_ENTRY_FRACTION);
      let entry = columns;
      let to = y + <usize>row * yRow;
      for (let column = 0; column < outWidth; column++, entry += RESIZE_ENTRY_BYTES, to += 4) {
        const l = <usize>load<u32>(entry, RESIZE_ENTRY_FIRST);
        const r = <usize>load<u32>(entry, RESIZE_ENTRY_SECOND);
        const fu = load<f32>(entry, RESIZE_ENTRY_FRACTION);
        const a = between(load<f32>(p + l), load<f32>(p + r), fu);
        store<f32>(to, fv == 0 ? a : between(a, between(load<f32>(q + l), load<f32>(q + r), fu), fv));
      }
    }
  }
}

/** The second number may be infinite where it does not count. */
// @ts-ignore: decorator
@inline
function between(a: f32, b: f32, fraction: f32): f32 {
  return fraction == 0 ? a : a + (b - a) * fraction;
}

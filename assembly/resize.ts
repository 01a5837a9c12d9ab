// Resizing of planes.

/**
 * Each output pixel lies between two rows and two columns of the input. `rows` and `columns` are tables of
 * {u32 byte offset of the first, u32 byte offset of the second, f32 fraction of the way}, one entry an output row or
 * column; a fraction of 0 takes the first as it is.
 */
export function resize(
  x: usize, y: usize, planes: i32, xPlane: usize,
  outHeight: i32, outWidth: i32, yPlane: usize, yRow: usize, rows: usize, columns: usize,
): void {
  for (; planes > 0; planes--, x += xPlane, y += yPlane) {
    for (let row = 0; row < outHeight; row++) {
      const line = rows + <usize>row * 12;
      const p = x + <usize>load<u32>(line);
      const q = x + <usize>load<u32>(line, 4);
      const fv = load<f32>(line, 8);
      let entry = columns;
      let to = y + <usize>row * yRow;
      for (let column = 0; column < outWidth; column++, entry += 12, to += 4) {
        const l = <usize>load<u32>(entry);
        const r = <usize>load<u32>(entry, 4);
        const fu = load<f32>(entry, 8);
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

// Moving activations: filling, copying boxes, transposing, padding.

/** `count` floats at `y` become `value`. */
export function fill(y: usize, count: i32, value: f32): void {
  const end = y + ((<usize>count) << 2);
  const v = f32x4.splat(value);
  for (; y + 16 <= end; y += 16) v128.store(y, v);
  for (; y < end; y += 4) store<f32>(y, value);
}

/** Copies `count` consecutive floats; `y` may overlap `x`. */
export function move(x: usize, y: usize, count: i32): void {
  memory.copy(y, x, (<usize>count) << 2);
}

/** Copies a box of `n0 x n1 x n2` floats between any strides, also 0 and (as signed numbers) negative ones. */
export function copy(
  x: usize, y: usize, n0: i32, n1: i32, n2: i32,
  x0: usize, x1: usize, x2: usize, y0: usize, y1: usize, y2: usize,
): void {
  const whole = x2 == 4 && y2 == 4;
  for (; n0 > 0; n0--, x += x0, y += y0) {
    let p = x, q = y;
    for (let i = 0; i < n1; i++, p += x1, q += y1) {
      if (whole) {
        memory.copy(q, p, (<usize>n2) << 2);
        continue;
      }
      let s = p, d = q;
      for (let j = 0; j < n2; j++, s += x2, d += y2) store<f32>(d, load<f32>(s));
    }
  }
}

/** y[0..3][0..3] = x[0..3][0..3] with rows and columns exchanged. */
// @ts-ignore: decorator
@inline
function exchange4(p: usize, q: usize, xStride: usize, yStride: usize): void {
  const a = v128.load(p);
  const b = v128.load(p + xStride);
  const c = v128.load(p + (xStride << 1));
  const d = v128.load(p + xStride * 3);
  const e = i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const f = i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  const g = i8x16.shuffle(c, d, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const h = i8x16.shuffle(c, d, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  v128.store(q, i8x16.shuffle(e, g, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
  v128.store(q + yStride, i8x16.shuffle(e, g, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
  v128.store(q + (yStride << 1), i8x16.shuffle(f, h, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
  v128.store(q + yStride * 3, i8x16.shuffle(f, h, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
}

/**
 * `y[column][row] = x[row][column]`, strides from row to row of `x` and of `y`. Four by four; sixteen rows at once, so
 * that a cache line of `y` is written whole.
 */
export function transpose(x: usize, y: usize, rows: i32, columns: i32, xStride: usize, yStride: usize): void {
  for (; rows >= 4; ) {
    const band = rows >= 16 ? 16 : 4;
    let p = x, q = y;
    let left = columns;
    for (; left >= 4; left -= 4, p += 16, q += yStride << 2) {
      let from = p;
      for (let i = 0; i < band; i += 4, from += xStride << 2) exchange4(from, q + ((<usize>i) << 2), xStride, yStride);
    }
    for (; left > 0; left--, p += 4, q += yStride) {
      let from = p;
      for (let i = 0; i < band; i++, from += xStride) store<f32>(q + ((<usize>i) << 2), load<f32>(from));
    }
    rows -= band, x += xStride * <usize>band, y += (<usize>band) << 2;
  }
  for (; rows > 0; rows--, x += xStride, y += 4) {
    let p = x, q = y;
    for (let left = columns; left > 0; left--, p += 4, q += yStride) store<f32>(q, load<f32>(p));
  }
}

/**
 * Lays out planes for a convolution: surrounds each with `value` and splits it by stride into phases. Pixel `(row *
 * strideRows - top, column * strideColumns - left)` of the input goes to `(row, column)` of the output, which has
 * `outRows` rows of `outColumns`, and is `value` outside of the input and behind the last row. Call it once for a
 * phase, whose row and column are taken from `top` and `left`: these may be negative.
 */
export function pad(
  x: usize, y: usize, planes: i32, height: i32, width: i32, xPlane: usize, xRow: usize,
  outRows: i32, outColumns: i32, yPlane: usize, strideRows: i32, strideColumns: i32, top: i32, left: i32, value: f32,
): void {
  // Columns of the output before the first and after the last input pixel.
  const first = min(outColumns, max(0, (left + strideColumns - 1) / strideColumns));
  const behind = max(first, min(outColumns, (width + left + strideColumns - 1) / strideColumns));
  const count = behind - first;
  const start = (first * strideColumns - left) << 2;
  for (; planes > 0; planes--, x += xPlane, y += yPlane) {
    let q = y;
    for (let row = 0; row < outRows; row++) {
      const from = row * strideRows - top;
      if (<u32>from >= <u32>height) {
        fill(q, outColumns, value);
        q += (<usize>outColumns) << 2;
        continue;
      }
      for (let i = 0; i < first; i++, q += 4) store<f32>(q, value);
      let p = x + <usize>from * xRow + start;
      let n = count;
      if (strideColumns == 1) {
        for (; n >= 4; n -= 4, p += 16, q += 16) v128.store(q, v128.load(p));
      } else if (strideColumns == 2) {
        for (; n >= 4; n -= 4, p += 32, q += 16) {
          v128.store(q, i8x16.shuffle(v128.load(p), v128.load(p, 16), 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27));
        }
      }
      for (; n > 0; n--, p += (<usize>strideColumns) << 2, q += 4) store<f32>(q, load<f32>(p));
      for (let i = behind; i < outColumns; i++, q += 4) store<f32>(q, value);
    }
    fill(q, <i32>((y + yPlane - q) >> 2), value);
  }
}

// @ts-ignore: decorator
@inline
function wholeIndex(index: i32, entries: i32): i32 {
  return min(entries - 1, max(0, index));
}

/** Not-a-number is the first. */
// @ts-ignore: decorator
@inline
function floatIndex(index: f32, entries: i32): i32 {
  return !(index > 0) ? 0 : index < <f32>entries ? <i32>index : entries - 1;
}

/**
 * Rows of `size` floats of a table by `count` indices at `x`, floats or whole numbers (`whole` 1), one after the other.
 * Fractions are cut off; indices beyond the table's `entries` take its first or last row.
 */
export function gather(x: usize, y: usize, count: i32, table: usize, entries: i32, size: i32, whole: i32): void {
  const bytes = (<usize>size) << 2;
  for (; count > 0; count--, x += 4, y += bytes) {
    memory.copy(y, table + <usize>(whole ? wholeIndex(load<i32>(x), entries) : floatIndex(load<f32>(x), entries)) * bytes, bytes);
  }
}

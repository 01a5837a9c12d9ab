// Pooling and resizing of planes.

/**
 * Windows clipped to the input: the rows of a window are reduced to one line, four columns at a time, then each window
 * of that line.
 */
export function pool(
  op: i32, x: usize, y: usize, planes: i32, height: i32, width: i32, xPlane: usize, xRow: usize,
  outHeight: i32, outWidth: i32, yPlane: usize, yRow: usize,
  windowHeight: i32, windowWidth: i32, strideRows: i32, strideColumns: i32, top: i32, left: i32,
): void {
  const mean = op == 1;
  const none: f32 = mean ? 0 : -Infinity;
  for (; planes > 0; planes--, x += xPlane, y += yPlane) {
    let to = y;
    for (let row = 0; row < outHeight; row++, to += yRow) {
      const from = row * strideRows - top;
      const firstRow = max(from, 0);
      const endRow = min(from + windowHeight, height);
      for (let column = 0; column < width; column += 4) {
        let p = x + <usize>firstRow * xRow + ((<usize>column) << 2);
        let s = f32x4.splat(none);
        for (let r = firstRow; r < endRow; r++, p += xRow) {
          s = mean ? f32x4.add(s, v128.load(p)) : f32x4.max(s, v128.load(p));
        }
        v128.store((<usize>column) << 2, s);
      }
      for (let column = 0; column < outWidth; column++) {
        const start = column * strideColumns - left;
        const first = max(start, 0);
        const end = min(start + windowWidth, width);
        let s: f32 = none;
        for (let c = first; c < end; c++) {
          const v = load<f32>((<usize>c) << 2);
          s = mean ? s + v : max(s, v);
        }
        if (mean) s /= <f32>((end - first) * (endRow - firstRow));
        store<f32>(to + ((<usize>column) << 2), s);
      }
    }
  }
}

/** Bilinear resizing: output pixel i lies at i * size / out size of the input. */
export function resizeBilinear(
  x: usize, y: usize, planes: i32, height: i32, width: i32, xPlane: usize, xRow: usize,
  outHeight: i32, outWidth: i32, yPlane: usize, yRow: usize,
): void {
  const rows = <f32>height / <f32>outHeight;
  const columns = <f32>width / <f32>outWidth;
  for (; planes > 0; planes--, x += xPlane, y += yPlane) {
    for (let row = 0; row < outHeight; row++) {
      const v = <f32>row * rows;
      const above = min(<i32>v, height - 1);
      const fv = v - <f32>above;
      const p = x + <usize>above * xRow;
      const q = x + <usize>min(above + 1, height - 1) * xRow;
      for (let column = 0; column < outWidth; column++) {
        const u = <f32>column * columns;
        const before = min(<i32>u, width - 1);
        const fu = u - <f32>before;
        const l = (<usize>before) << 2;
        const r = (<usize>min(before + 1, width - 1)) << 2;
        const a = load<f32>(p + l) + (load<f32>(p + r) - load<f32>(p + l)) * fu;
        const b = load<f32>(q + l) + (load<f32>(q + r) - load<f32>(q + l)) * fu;
        store<f32>(y + <usize>row * yRow + ((<usize>column) << 2), a + (b - a) * fv);
      }
    }
  }
}

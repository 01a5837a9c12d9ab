// Resizing of planes.

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

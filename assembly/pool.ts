// Pooling of planes.
import {REDUCE_MEAN} from './contract.generated';

// @ts-ignore: decorator
@inline
function join(mean: bool, a: v128, b: v128): v128 {
  return mean ? f32x4.add(a, b) : f32x4.pmax(a, b);
}

/** Four floats, `stride` (1 or 2) apart. */
// @ts-ignore: decorator
@inline
function four(p: usize, stride: i32): v128 {
  const v = v128.load(p);
  if (stride == 1) return v;
  return i8x16.shuffle(v, v128.load(p, 16), 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

/** Four windows, `stride` columns apart, of `rows` rows from `p` on. */
// @ts-ignore: decorator
@inline
function fourWindows(mean: bool, stride: i32, none: v128, p: usize, xRow: usize, rows: i32, window: i32): v128 {
  let s = none;
  for (; rows > 0; rows--, p += xRow) {
    let q = p;
    let left = window;
    if (left == 3) {
      s = join(mean, s, four(p + 8, stride));
      left = 2;
    }
    if (left == 2) s = join(mean, s, join(mean, four(p, stride), four(p + 4, stride)));
    else for (; left > 0; left--, q += 4) s = join(mean, s, four(q, stride));
  }
  return s;
}

/** Pooling over windows of planes; `op` is `REDUCE.max` or `REDUCE.mean`. Windows are clipped to the input. */
export function pool(
  op: i32, x: usize, y: usize, planes: i32, height: i32, width: i32, xPlane: usize, xRow: usize,
  outHeight: i32, outWidth: i32, yPlane: usize, yRow: usize,
  windowHeight: i32, windowWidth: i32, strideRows: i32, strideColumns: i32, top: i32, left: i32,
): void {
  const mean = op == REDUCE_MEAN;
  const nothing: f32 = mean ? 0 : -Infinity;
  const none = f32x4.splat(nothing);
  // Windows from `inside` to before `behind` are not clipped at their sides.
  const inside = (left + strideColumns - 1) / strideColumns;
  const behind = min(outWidth, (width + left - windowWidth + strideColumns) / strideColumns);
  const fours = strideColumns <= 2 && behind - inside >= 4;
  for (; planes > 0; planes--, x += xPlane, y += yPlane) {
    let to = y;
    for (let row = 0; row < outHeight; row++, to += yRow) {
      const from = row * strideRows - top;
      const first = max(from, 0);
      const rows = min(from + windowHeight, height) - first;
      const p = x + <usize>first * xRow;
      const area = f32x4.splat(<f32>(windowWidth * rows));
      let column = 0;
      while (column < outWidth) {
        const start = column * strideColumns - left;
        const q = to + ((<usize>column) << 2);
        if (fours && column >= inside && column < behind) {
          // The last four overlap those before.
          const back = max(column + 4 - behind, 0);
          const at = p + ((<usize>(start - back * strideColumns)) << 2);
          let s: v128;
          if (strideColumns == 1) s = mean ? fourWindows(true, 1, none, at, xRow, rows, windowWidth) : fourWindows(false, 1, none, at, xRow, rows, windowWidth);
          else s = mean ? fourWindows(true, 2, none, at, xRow, rows, windowWidth) : fourWindows(false, 2, none, at, xRow, rows, windowWidth);
          v128.store(q - ((<usize>back) << 2), mean ? f32x4.div(s, area) : s);
          column += 4 - back;
          continue;
        }
        const end = min(start + windowWidth, width);
        const begin = max(start, 0);
        let s = nothing;
        let line = p;
        for (let r = 0; r < rows; r++, line += xRow) {
          for (let c = begin; c < end; c++) {
            const v = load<f32>(line + ((<usize>c) << 2));
            s = mean ? s + v : max(s, v);
          }
        }
        store<f32>(q, mean ? s / <f32>((end - begin) * rows) : s);
        column++;
      }
    }
  }
}

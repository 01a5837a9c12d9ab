// The product of two matrices of activations. Eight columns of the second are packed into a panel at address 0, so that
// they are read one after the other however they lie, then multiplied with four rows of the first at a time.
import {MATMUL_INPUTS} from './contract.generated';
import {madd} from './simd';

/** Packs `inputs` rows of up to eight columns at `b`; what columns lack are zeros. */
function pack(b: usize, inputs: i32, columns: i32, bRow: usize, bColumn: usize): void {
  let to: usize = 0;
  if (columns == 8 && bColumn == 4) {
    for (; inputs > 0; inputs--, b += bRow, to += 32) {
      v128.store(to, v128.load(b));
      v128.store(to, v128.load(b, 16), 16);
    }
    return;
  }
  if (columns < 8) memory.fill(0, 0, (<usize>inputs) << 5);
  for (; columns > 0; columns--, b += bColumn, to += 4) {
    for (let from = b, q = to, left = inputs; left > 0; left--, from += bRow, q += 32) store<f32>(q, load<f32>(from));
  }
}

/** Eight floats to `columns` places `step` bytes apart; added to what is there when `more`. */
// @ts-ignore: decorator
@inline
function put(y: usize, s0: v128, s1: v128, columns: i32, step: usize, more: bool): void {
  if (columns == 8 && step == 4) {
    v128.store(y, more ? f32x4.add(v128.load(y), s0) : s0);
    v128.store(y, more ? f32x4.add(v128.load(y, 16), s1) : s1, 16);
    return;
  }
  putSome(y, s0, columns, step, more);
  if (columns > 4) putSome(y + (step << 2), s1, columns - 4, step, more);
}

function putSome(y: usize, s: v128, columns: i32, step: usize, more: bool): void {
  for (; columns > 0; columns--, y += step) {
    const value = f32x4.extract_lane(s, 0);
    store<f32>(y, more ? load<f32>(y) + value : value);
    s = i8x16.shuffle(s, s, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
  }
}

/**
 * The product of a matrix `rows x inputs` at `a` with one of `inputs x columns` at `b`, at `y`. Each has its bytes from
 * row to row and from column to column: a transposed matrix has them exchanged.
 */
export function matmul4x8(
  a: usize, b: usize, y: usize, rows: i32, columns: i32, inputs: i32,
  aRow: usize, aColumn: usize, bRow: usize, bColumn: usize, yRow: usize, yColumn: usize,
): void {
  for (; columns > 0; columns -= 8, b += bColumn << 3, y += yColumn << 3) {
    const width = min(columns, 8);
    for (let first = 0; first < inputs; first += MATMUL_INPUTS) {
      const count = min(inputs - first, MATMUL_INPUTS);
      const more = first > 0;
      pack(b + <usize>first * bRow, count, width, bRow, bColumn);
      const end = (<usize>count) << 5;
      let p = a + <usize>first * aColumn;
      let q = y;
      for (let left = rows; left > 0; left -= 4, p += aRow << 2, q += yRow << 2) {
        // Rows that are not there are the last one again, and not stored.
        let p0 = p, p1 = left > 1 ? p + aRow : p, p2 = left > 2 ? p1 + aRow : p1, p3 = left > 3 ? p2 + aRow : p2;
        let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
        for (let at: usize = 0; at < end; at += 32) {
          const x0 = v128.load(at);
          const x1 = v128.load(at, 16);
          const s0 = v128.load_splat<f32>(p0);
          a0 = madd(s0, x0, a0), a1 = madd(s0, x1, a1);
          const s1 = v128.load_splat<f32>(p1);
          b0 = madd(s1, x0, b0), b1 = madd(s1, x1, b1);
          const s2 = v128.load_splat<f32>(p2);
          c0 = madd(s2, x0, c0), c1 = madd(s2, x1, c1);
          const s3 = v128.load_splat<f32>(p3);
          d0 = madd(s3, x0, d0), d1 = madd(s3, x1, d1);
          p0 += aColumn, p1 += aColumn, p2 += aColumn, p3 += aColumn;
        }
        put(q, a0, a1, width, yColumn, more);
        if (left > 1) put(q + yRow, b0, b1, width, yColumn, more);
        if (left > 2) put(q + (yRow << 1), c0, c1, width, yColumn, more);
        if (left > 3) put(q + yRow * 3, d0, d1, width, yColumn, more);
      }
    }
  }
}

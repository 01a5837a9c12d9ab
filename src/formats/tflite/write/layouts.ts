import type {Shape} from '../../../graph/tensor.ts';

/** How a kernel lies in the file, and how it gets there from the graph's layout. */
export interface KernelLayout {
  readonly shape: Shape;
  /** Dimension of the output channels. */
  readonly channels: number;
  readonly order: Order;
}

/**
 * How the elements move: not at all; the last dimension to the front, as operators that multiply want it; the last but
 * one to the front, for transposed convolutions.
 */
type Order = 'as-is' | 'filters-first' | 'outputs-first';

/** The values of a kernel in a layout; the same array where nothing moves. */
export function arrange(data: Float32Array, {shape, order}: KernelLayout): Float32Array {
  const first = shape[0]!;
  if (order === 'as-is') return data;
  if (order === 'outputs-first') return transposed(data, data.length / first, first);
  const channels = shape.at(-1)!;
  const taps = data.length / first / channels;
  const values = new Float32Array(data.length);
  for (let tap = 0; tap < taps; tap++)
    for (let filter = 0; filter < first; filter++) {
      const from = (tap * first + filter) * channels;
      values.set(data.subarray(from, from + channels), (filter * taps + tap) * channels);
    }
  return values;
}

/** Rows and columns of a tile that stays in a cache while it is turned. */
const TILE = 64;

/** `[rows, columns]` to `[columns, rows]`. */
function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const values = new Float32Array(data.length);
  for (let top = 0; top < rows; top += TILE)
    for (let left = 0; left < columns; left += TILE)
      for (let column = left; column < Math.min(columns, left + TILE); column++)
        for (let row = top; row < Math.min(rows, top + TILE); row++)
          values[column * rows + row] = data[row * columns + column]!;
  return values;
}

import type {Pattern} from './pattern.ts';

/**
 * Says why `mask` is no mask of `pattern`: it has a value other than 0 and 1, a block of both, or a group with more
 * than m zeros. `undefined` when it is one.
 *
 * @param mask Row-major, shaped as its weight.
 */
export function maskMisfit(mask: Float32Array, shape: readonly number[], pattern: Pattern): string | undefined {
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== 0 && mask[i] !== 1) return `index ${i} holds ${mask[i]}, neither 0 nor 1`;
  }
  if (pattern.type === 'block') return blockMisfit(mask, shape, pattern.size);
  if (pattern.type === 'm-by-n') {
    return groupMisfit(mask, shape, pattern.axis ?? shape.length - 2, pattern.m, pattern.n);
  }
  return undefined;
}

function blockMisfit(
  mask: Float32Array,
  shape: readonly number[],
  size: readonly [number, number],
): string | undefined {
  const rows = shape[shape.length - 2]!;
  const columns = shape[shape.length - 1]!;
  for (let start = 0; start < mask.length; start += rows * columns) {
    for (let row = 0; row < rows; row++) {
      const top = start + (row - (row % size[0])) * columns;
      for (let column = 0; column < columns; column++) {
        const i = start + row * columns + column;
        if (mask[i] !== mask[top + column - (column % size[1])]) {
          return `index ${i} differs from the rest of its block of ${size[0]} x ${size[1]}`;
        }
      }
    }
  }
  return undefined;
}

function groupMisfit(
  mask: Float32Array,
  shape: readonly number[],
  axis: number,
  m: number,
  n: number,
): string | undefined {
  const length = shape[axis]!;
  let stride = 1;
  for (const size of shape.slice(axis + 1)) stride *= size;
  for (let outer = 0; outer < mask.length; outer += length * stride) {
    for (let inner = outer; inner < outer + stride; inner++) {
      for (let first = 0; first < length; first += n) {
        let zeros = 0;
        const end = Math.min(first + n, length);
        for (let k = first; k < end; k++) if (mask[inner + k * stride] === 0) zeros++;
        if (zeros > m)
          return `the group of ${n} from index ${inner + first * stride} has ${zeros} zeros, more than ${m}`;
      }
    }
  }
  return undefined;
}

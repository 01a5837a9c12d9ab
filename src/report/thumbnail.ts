import type {Thumbnail} from './facts.ts';

/** Most rows and columns of a thumbnail: a window keeps blocks as they are, where a smaller picture would blur them. */
const SIDE = 64;

/**
 * Which weights of a window of a weight are not zero. The weight is seen as a matrix: its last dimension the columns,
 * all before it the rows.
 *
 * @returns Undefined for a scalar or a weight without elements.
 */
export function thumbnailOf(values: ArrayLike<number>, shape: readonly number[]): Thumbnail | undefined {
  const across = shape.at(-1) ?? 0;
  if (across === 0 || values.length === 0) return undefined;
  const down = values.length / across;
  const [rows, columns] = [Math.min(SIDE, down), Math.min(SIDE, across)];
  const bytes = new Uint8Array(Math.ceil((rows * columns) / 8));
  for (let row = 0, bit = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, bit++)
      if (values[row * across + column] !== 0) bytes[bit >> 3]! |= 1 << (bit & 7);
  }
  return {rows, columns, of: [down, across], bits: btoa(String.fromCharCode(...bytes))};
}

/** The rows of a thumbnail as runs of weights that are not zero: column and length of each. */
export function runsOf({rows, columns, bits}: Thumbnail): [start: number, length: number][][] {
  const bytes = Uint8Array.from(atob(bits), character => character.charCodeAt(0));
  return Array.from({length: rows}, (_, row) => {
    const runs: [number, number][] = [];
    for (let column = 0; column < columns; column++) {
      const bit = row * columns + column;
      if ((((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 0) continue;
      const last = runs.at(-1);
      if (last !== undefined && last[0] + last[1] === column) last[1]++;
      else runs.push([column, 1]);
    }
    return runs;
  });
}

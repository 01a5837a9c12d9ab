import type {GruOp} from '../../../../graph/ops/recurrent.ts';

/** Columns in blocks of `units`, each block widened to `width` by zeros; the same array where it is that wide. */
export function spread(values: Float32Array, units: number, width: number): Float32Array {
  if (units === width) return values;
  const wide = new Float32Array((values.length / units) * width);
  for (let block = 0; block < values.length / units; block++)
    wide.set(values.subarray(block * units, (block + 1) * units), block * width);
  return wide;
}

/** The columns of some gates of a GRU's recurrent kernel, each gate `width` wide. */
export function gateColumns(
  {recurrentKernel}: GruOp,
  units: number,
  width: number,
  first: number,
  end: number,
): Float32Array {
  const columns = (end - first) * width;
  const values = new Float32Array(units * columns);
  for (let row = 0; row < units; row++) {
    for (let gate = first; gate < end; gate++) {
      const at = (row * 3 + gate) * units;
      values.set(recurrentKernel.data.subarray(at, at + units), row * columns + (gate - first) * width);
    }
  }
  return values;
}

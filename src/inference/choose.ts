import type {PackedWeights, PixelsGeometry, WeightFormat, WeightMatrix} from './kernels/index.ts';
import {estimateNs} from './kernels/index.ts';

/** What storing a matrix in each format costs to run. */
export interface FormatCounts {
  readonly nonZeros: number;
  /** Weights of `[1, 4]` blocks (four outputs) and of `[4, 1]` blocks (four inputs) that are not all zero. */
  readonly block: number;
  readonly inputBlock: number;
  readonly dense: number;
}

/** Counts what each format would store, in one pass. */
export function countFormats({values, inputs, outputs}: WeightMatrix): FormatCounts {
  let nonZeros = 0;
  let block = 0;
  let inputBlock = 0;
  const rows = new Uint8Array(outputs);
  for (let i = 0, at = 0; i < inputs; i++) {
    if (i % 4 === 0) rows.fill(0);
    for (let o = 0; o < outputs; o += 4) {
      const end = Math.min(outputs, o + 4);
      let any = 0;
      for (let k = o; k < end; k++, at++) {
        if (values[at] === 0) continue;
        nonZeros++;
        any = 1;
        if (rows[k] === 0) {
          rows[k] = 1;
          inputBlock++;
        }
      }
      block += any;
    }
  }
  return {nonZeros, block: block * 4, inputBlock: inputBlock * 4, dense: inputs * Math.ceil(outputs / 4) * 4};
}

/** A matrix to choose a format for. */
export interface FormatQuestion {
  readonly counts: FormatCounts;
  readonly matrix: WeightMatrix;
  /** null for one vector at a time. */
  readonly geometry: PixelsGeometry | null;
  readonly pixels: number;
  pack(format: WeightFormat): PackedWeights;
}

/** Picks the format of one matrix. */
export type ChooseFormat = (question: FormatQuestion) => WeightFormat;

/** Formats by what they should cost in nanoseconds, the cheapest first. */
export function estimateFormats({
  counts,
  matrix,
  geometry,
  pixels,
}: FormatQuestion): readonly (readonly [WeightFormat, number])[] {
  const stored = [
    ['dense', counts.dense],
    ['csr', counts.nonZeros],
    ['block', counts.block],
    ['inputBlock', counts.inputBlock],
  ] as const;
  const size = {outputs: matrix.outputs, pixels: geometry === null ? null : pixels};
  return stored
    .map(([format, multiplied]) => [format, estimateNs(format, {...size, multiplied})] as const)
    .filter(([, ns]) => ns < Number.POSITIVE_INFINITY)
    .sort((a, b) => a[1] - b[1]);
}

/** The format that should run fastest by the cost model. */
export const chooseByModel: ChooseFormat = question => estimateFormats(question)[0]![0];

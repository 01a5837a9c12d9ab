import type {BitCoder} from './bit-coder.ts';
import {codeMixedThree, type Mixture, mixture} from './mixture.ts';

const INPUTS = 3;
/** Where the slots of the second and of the third input begin. */
const LATEST = 16;
const BOTH = 32;

/** A model of signs by the latest two in the same column, the latest two coded, and the last of both. */
export interface SignModel {
  readonly mixture: Mixture;
  /** A column's last two signs, 1 negative, 2 positive, 0 none yet; the latest in the low two bits. */
  columns: Uint8Array;
  latest: number;
}

/** A fresh model, whose slots count at most `seenMax` bits. */
export function signModel(seenMax?: number): SignModel {
  return {mixture: mixture(BOTH + 16, INPUTS, 1, seenMax), columns: new Uint8Array(0), latest: 0};
}

/** Begins a grid of `columns` columns. */
export function beginSigns(model: SignModel, columns: number): void {
  model.columns = new Uint8Array(columns);
  model.latest = 0;
}

/** Codes a sign that stands in `column`, 1 for negative. Returns it, given or read. */
export function codeSign(model: SignModel, coder: BitCoder, sign: number, column: number): number {
  const {columns} = model;
  const up = columns[column]! & 15;
  const latest = model.latest & 15;
  const both = BOTH + (((up & 3) << 2) | (latest & 3));
  const negative = codeMixedThree(model.mixture, 0, coder, sign, up, LATEST + latest, both);
  const mark = 2 - negative;
  columns[column] = (up << 2) | mark;
  model.latest = (latest << 2) | mark;
  return negative;
}

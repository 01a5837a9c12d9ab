import type {BitCoder} from './bit-coder.ts';
import {codeMixedThree, type Mixture, mixture} from './mixture.ts';

/** A magnitude is 2^length + suffix; lengths go to 31, and the first four suffix bits have a slot for each prefix. */
const LENGTHS = 32;
const TREE_BITS = 4;
const NODES = LENGTHS + LENGTHS * 16 + LENGTHS * 32;
const BINS = 8;
const SIGN_INPUTS = 3;
const LEVEL_INPUTS = 3;
const SETS = 40;

/** The model of levels that are not zero: sign, length and suffix, by the column's and the row's latest levels. */
export interface LevelModel {
  readonly sign: Mixture;
  readonly magnitude: Mixture;
  grid: LevelGrid;
}

interface LevelGrid {
  /** A column's running mean length in 1/16, plus one; 0 before its first level. */
  readonly mean: Uint16Array;
  /** A column's last two signs, 1 negative, 2 positive, 0 none yet; the latest in the low two bits. */
  readonly signs: Uint8Array;
  leftMean: number;
  leftSigns: number;
}

/** A fresh model. */
export function levelModel(): LevelModel {
  return {
    sign: mixture(16 + 16 + 16, SIGN_INPUTS, 1),
    magnitude: mixture(NODES * (1 + 2 * BINS), LEVEL_INPUTS, SETS),
    grid: levelGrid(0),
  };
}

function levelGrid(columns: number): LevelGrid {
  return {mean: new Uint16Array(columns), signs: new Uint8Array(columns), leftMean: 0, leftSigns: 0};
}

/** Begins a grid of `columns` columns. */
export function beginLevelGrid(model: LevelModel, columns: number): void {
  model.grid = levelGrid(columns);
}

/** Codes `level`, not zero, which stands in `column`. Returns it, given or read. */
export function codeLevel(model: LevelModel, coder: BitCoder, level: number, column: number): number {
  const {sign, grid} = model;
  const up = grid.signs[column]! & 15;
  const left = grid.leftSigns & 15;
  const both = 32 + (((up & 3) << 2) | (left & 3));
  const negative = codeMixedThree(sign, 0, coder, level < 0 ? 1 : 0, up, 16 + left, both);
  const mark = 2 - negative;
  grid.signs[column] = (up << 2) | mark;
  grid.leftSigns = (left << 2) | mark;
  const magnitude = codeMagnitude(model, coder, level < 0 ? -level : level, column);
  return negative === 1 ? -magnitude : magnitude;
}

function codeMagnitude(model: LevelModel, coder: BitCoder, magnitude: number, column: number): number {
  const {grid} = model;
  const upBin = binOf(grid.mean[column]!);
  const leftBin = binOf(grid.leftMean);
  const length = 31 - Math.clz32(magnitude);
  let n = 0;
  while (n < LENGTHS - 2 && codeNode(model, coder, n, length > n ? 1 : 0, upBin, leftBin) === 1) n++;
  let value = 1;
  for (let i = 0; i < n; i++) {
    const bit = (magnitude >>> (n - 1 - i)) & 1;
    const node = i < TREE_BITS ? LENGTHS + n * 16 + (value & 15) : LENGTHS * 17 + n * 32 + i;
    value = (value << 1) | codeNode(model, coder, node, bit, upBin, leftBin);
  }
  grid.mean[column] = follow(grid.mean[column]!, n);
  grid.leftMean = follow(grid.leftMean, n);
  return value;
}

function binOf(mean: number): number {
  const bin = (mean + 7) >> 3;
  return bin < BINS ? bin : BINS - 1;
}

function follow(mean: number, length: number): number {
  return mean === 0 ? length * 16 + 1 : mean + ((length * 16 + 1 - mean) >> 2);
}

function codeNode(model: LevelModel, coder: BitCoder, node: number, bit: number, up: number, left: number): number {
  const {magnitude} = model;
  return codeMixedThree(
    magnitude,
    Math.min(node, SETS - 1),
    coder,
    bit,
    node,
    NODES + node * BINS + up,
    NODES * (1 + BINS) + node * BINS + left,
  );
}

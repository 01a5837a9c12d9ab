import type {BitCoder} from './bit-coder.ts';
import {THREE_INPUTS} from './costs.ts';
import {codeMixedThree, type Mixture, mixture} from './mixture.ts';
import {beginSigns, codeSign, type SignModel, signModel} from './sign-model.ts';
import type {Version} from './version.ts';

/** A magnitude is 2^length + suffix; lengths go to 31. */
const LENGTHS = 32;
/** So many suffix bits, the first, have a slot for each prefix. */
export const TREE_BITS = 4;
const NODES = LENGTHS + LENGTHS * 16 + LENGTHS * 32;
/** Bins of mean lengths, half a bit each: lengths beyond share the last. */
const BINS = {1: 8, 2: 20} as const;
/** Weights differ in scale: what was learned from one must give way in the next. */
const SEEN_MAX = {1: 1023, 2: 255} as const;
const LEVEL_INPUTS = 3;
const SETS = 40;

/** The model of levels that are not zero: sign, length and suffix, by the column's and the row's latest levels. */
export interface LevelModel {
  readonly sign: SignModel;
  readonly magnitude: Mixture;
  readonly bins: number;
  grid: LevelGrid;
}

interface LevelGrid {
  /** A column's running mean length in 1/16, plus one; 0 before its first level. */
  readonly mean: Uint16Array;
  leftMean: number;
}

/** A fresh model. */
export function levelModel(version: Version): LevelModel {
  const bins = BINS[version];
  const seenMax = SEEN_MAX[version];
  return {
    sign: signModel(seenMax),
    magnitude: mixture(NODES * (1 + 2 * bins), LEVEL_INPUTS, SETS, seenMax),
    bins,
    grid: levelGrid(0),
  };
}

function levelGrid(columns: number): LevelGrid {
  return {mean: new Uint16Array(columns), leftMean: 0};
}

/** Begins a grid of `columns` columns. */
export function beginLevelGrid(model: LevelModel, columns: number): void {
  model.grid = levelGrid(columns);
  beginSigns(model.sign, columns);
}

/** Codes `level`, not zero, which stands in `column`. Returns it, given or read. */
export function codeLevel(model: LevelModel, coder: BitCoder, level: number, column: number): number {
  const negative = codeSign(model.sign, coder, level < 0 ? 1 : 0, column);
  const magnitude = codeMagnitude(model, coder, level < 0 ? -level : level, column);
  return negative === 1 ? -magnitude : magnitude;
}

/**
 * What coding `level`, not zero, costs beyond its cell: its sign, its length in unary and the bits below the highest.
 */
export function levelDecisions(level: number): number {
  return THREE_INPUTS * (2 * (32 - Math.clz32(level < 0 ? -level : level)));
}

function codeMagnitude(model: LevelModel, coder: BitCoder, magnitude: number, column: number): number {
  const {grid, bins} = model;
  const upBin = binOf(grid.mean[column]!, bins);
  const leftBin = binOf(grid.leftMean, bins);
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

function binOf(mean: number, bins: number): number {
  const bin = (mean + 7) >> 3;
  return bin < bins ? bin : bins - 1;
}

function follow(mean: number, length: number): number {
  return mean === 0 ? length * 16 + 1 : mean + ((length * 16 + 1 - mean) >> 2);
}

function codeNode(model: LevelModel, coder: BitCoder, node: number, bit: number, up: number, left: number): number {
  const {magnitude, bins} = model;
  return codeMixedThree(
    magnitude,
    Math.min(node, SETS - 1),
    coder,
    bit,
    node,
    NODES + node * bins + up,
    NODES * (1 + bins) + node * bins + left,
  );
}

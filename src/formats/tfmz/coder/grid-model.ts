import type {BitCoder} from './bit-coder.ts';
import {beginLevelGrid, codeLevel, type LevelModel, levelDecisions, levelModel} from './level-model.ts';
import {SQUASH, STRETCH} from './logistic.ts';
import {codeMixedFive, learnedSlot, type Mixture, mixture} from './mixture.ts';
import type {Version} from './version.ts';

/** Densities fall into 32 bins of half a logit each. */
const BINS = 32;
const BIN_OF: Uint8Array = Uint8Array.from(STRETCH, logit => (logit + 2048) >> 7);
/** Where each input's slots begin; the columns' own come last. */
const ROW_AND_COLUMN = 0;
const NEIGHBOURS_AND_ROW = ROW_AND_COLUMN + BINS * BINS;
const NEIGHBOURS_AND_COLUMN = NEIGHBOURS_AND_ROW + 64 * BINS;
const ROW = NEIGHBOURS_AND_COLUMN + 128 * BINS;
const PATTERN = ROW + 1;
const COLUMNS = PATTERN + 1024;
const INPUTS = 5;
/** How much the rows above count at the start of a row, in weights seen. */
const ROW_TRUST = 4;

/**
 * The model of integer levels on a grid, most of them zero: where they are, by row density, column density and
 * neighbours; then what they are. Its knowledge is kept from grid to grid, so small tensors share what was learned.
 */
export interface GridModel {
  mask: Mixture;
  readonly level: LevelModel;
  grid: Grid;
}

/** The grid being coded. */
interface Grid {
  readonly columns: number;
  readonly period: number;
  row: number;
  /** The cells to the left in this row, the nearest lowest; 1 where the level was not zero. */
  left: number;
  /** A column's last eight rows, the latest lowest; 1 where the level was not zero. */
  readonly above: Uint8Array;
  /** The same for the rows one, two, ... periods above; `period` rows of them. */
  readonly periodic: Uint8Array;
  /** The row slot that each of the last `period` rows ended with. */
  readonly rowSlots: Uint32Array;
}

/** A fresh model. */
export function gridModel(version: Version): GridModel {
  const mask = mixture(COLUMNS, INPUTS, 1);
  const {slots} = mask;
  for (let row = 0; row < BINS; row++) {
    for (let column = 0; column < BINS; column++) {
      slots[ROW_AND_COLUMN + row * BINS + column] = slotOfBin((row + column) / 2);
    }
    for (let n = 0; n < 64; n++) slots[NEIGHBOURS_AND_ROW + n * BINS + row] = slotOfBin(row);
    for (let n = 0; n < 128; n++) slots[NEIGHBOURS_AND_COLUMN + n * BINS + row] = slotOfBin(row);
  }
  return {mask, level: levelModel(version), grid: emptyGrid(0, 1)};
}

/** A slot at the middle of a density bin, seen once. */
function slotOfBin(bin: number): number {
  const probability = SQUASH[Math.floor(bin * 128) + 2112]!;
  return ((probability << 16) | 1) >>> 0;
}

function emptyGrid(columns: number, period: number): Grid {
  return {
    columns,
    period,
    row: 0,
    left: 0,
    above: new Uint8Array(columns + 1),
    periodic: new Uint8Array(columns * period),
    rowSlots: new Uint32Array(period),
  };
}

/**
 * Begins a grid of `columns` columns.
 *
 * @param period How many rows above the related row lies: input channels for a convolution, image width for a dense
 *   kernel over an image, 1 when nothing is known.
 */
export function beginGrid(model: GridModel, columns: number, period: number): void {
  const {mask} = model;
  if (mask.slots.length !== COLUMNS + columns) {
    const slots = new Uint32Array(COLUMNS + columns);
    slots.set(mask.slots.subarray(0, COLUMNS));
    model.mask = {...mask, slots};
  }
  model.mask.slots.fill(slotOfBin(12), COLUMNS);
  model.mask.slots[ROW] = slotOfBin(12);
  model.grid = emptyGrid(columns, period);
  beginLevelGrid(model.level, columns);
}

/** Codes the next row's `levels`, `columns` of them or fewer in the last row; a decoder fills them in. */
export function codeRow(model: GridModel, coder: BitCoder, levels: Int32Array, length: number): void {
  beginRow(model);
  codeCells(model, coder, levels, 0, length);
  endRow(model);
}

/** Begins the next row, whose cells follow by {@link codeCells}. */
export function beginRow({mask: {slots}, grid}: GridModel): void {
  grid.left = 0;
  if (grid.row === 0) return;
  const previous = slots[ROW]!;
  const related = grid.row >= grid.period ? grid.rowSlots[grid.row % grid.period]! : previous;
  slots[ROW] = (((previous >>> 11) + (related >>> 11)) << 10) | ROW_TRUST;
}

/** Ends a row of which all cells are coded. */
export function endRow({mask: {slots}, grid}: GridModel): void {
  grid.rowSlots[grid.row % grid.period] = slots[ROW]!;
  grid.row++;
}

/**
 * Codes cells `from` to `to - 1` of the row that was begun last; a decoder fills them in.
 *
 * @returns What that cost, in decisions as the budget of a file counts them.
 */
export function codeCells(model: GridModel, coder: BitCoder, levels: Int32Array, from: number, to: number): number {
  const {mask, level, grid} = model;
  const {slots} = mask;
  const {above, periodic} = grid;
  const periodicAt = (grid.row % grid.period) * grid.columns;
  // Blocks and m:n groups have sides of 2, 4, 8 or 16 as a rule: the place within four tells where one begins.
  const rowPhase = (grid.row & 3) << 6;
  let left = grid.left;
  let decisions = to - from;
  for (let c = from; c < to; c++) {
    const rowBin = BIN_OF[slots[ROW]! >>> 20]!;
    const columnBin = BIN_OF[slots[COLUMNS + c]! >>> 20]!;
    const up = above[c]!;
    const far = periodic[periodicAt + c]!;
    const vertical = (up & 3) | ((far & 3) << 2);
    const value = levels[c]!;
    const bit = codeMixedFive(
      mask,
      coder,
      value === 0 ? 0 : 1,
      ROW_AND_COLUMN + rowBin * BINS + columnBin,
      NEIGHBOURS_AND_ROW + (vertical | ((left & 3) << 4)) * BINS + rowBin,
      NEIGHBOURS_AND_COLUMN +
        (vertical | ((left & 1) << 4) | ((above[c + 1]! & 1) << 5) | (((c > 0 ? above[c - 1]! : 0) & 2) << 5)) * BINS +
        columnBin,
      PATTERN + (((c & 3) << 8) | rowPhase | ((left & 7) << 3) | (up & 7)),
      COLUMNS + c,
    );
    slots[ROW] = learnedSlot(slots[ROW]!, bit);
    above[c] = (up << 1) | bit;
    periodic[periodicAt + c] = (far << 1) | bit;
    left = (left << 1) | bit;
    if (bit === 0) {
      levels[c] = 0;
    } else {
      const coded = codeLevel(level, coder, value, c);
      decisions += levelDecisions(coded);
      levels[c] = coded;
    }
  }
  grid.left = left;
  return decisions;
}

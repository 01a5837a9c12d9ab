/**
 * What coding costs, in decisions: one is a bit mixed from five inputs, so that a weight of zero costs one. Ratios of
 * times measured; the limits of a file are counted in them.
 */

/** A bit mixed from three inputs. */
export const THREE_INPUTS = 0.7;
/** A byte by the byte model: eight bits mixed from eight inputs each, whose slots lie far apart. */
export const BYTE = 24;
/** A bit coded by one slot. */
export const SLOT = 0.5;
/** A bit that all agree is even. */
export const RAW_BIT = 0.25;
/** Making a byte model of a version of the format: its slots are filled. */
export const BYTE_MODEL = {1: 6000, 2: 24_000} as const;
/** Making a grid model. */
export const GRID_MODEL = 3000;
/** Beginning a weight: its header, and what every grid needs. */
export const WEIGHT = 100;
/** A stretch that is copied: three numbers. */
export const COPY = 48;
/** A word of a palette: its difference from the one before, by slots and even bits. */
export const PALETTE_WORD = 16;
/** Beginning a row. */
export const ROW = 1;
/** A cell of a grid's histories, cleared when a weight begins. */
export const CLEARED_CELL = 0.005;
/** A column of a grid, for which a weight begins anew. */
export const COLUMN = 0.1;
/** A byte of the output that is filled or copied without being coded. */
export const FILLED_BYTE = 0.01;

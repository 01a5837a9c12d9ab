import {TfmotError} from '../errors.ts';
import {show} from '../show.ts';
import type {Pattern} from './pattern.ts';

/** Which weights are removed together, as callers say it. */
export interface PatternOptions {
  /** `[height, width]` of the blocks of the kernel `[in, out]` that live or die together; `[1, 1]` by default. */
  readonly blockSize?: readonly [number, number];
  /** Whether a block counts by its average or its largest magnitude; `'AVG'` by default. */
  readonly blockPoolingType?: 'AVG' | 'MAX';
  /** `[m, n]`: m zeros in every n weights along the input channels, in place of blocks. */
  readonly sparsityMByN?: readonly [number, number] | null;
}

/** The names of {@link PatternOptions}. */
export const PATTERN_OPTION_NAMES: readonly string[] = ['blockSize', 'blockPoolingType', 'sparsityMByN'];

/**
 * The pattern that options ask for; single weights by default.
 *
 * @throws TfmotError `invalid-block-size`, `invalid-m-by-n`.
 */
export function patternOf({
  blockSize = [1, 1],
  blockPoolingType = 'AVG',
  sparsityMByN = null,
}: PatternOptions): Pattern {
  if (blockPoolingType !== 'AVG' && blockPoolingType !== 'MAX') {
    throw new TfmotError(
      'invalid-block-size',
      `blockPoolingType must be 'AVG' or 'MAX', but got ${show(blockPoolingType)}.`,
    );
  }
  if (!isPair(blockSize)) {
    throw new TfmotError(
      'invalid-block-size',
      `blockSize must be two positive integers [height, width], but got ${show(blockSize)}.`,
    );
  }
  const inBlocks = blockSize[0] * blockSize[1] > 1;
  if (sparsityMByN === null) {
    return inBlocks
      ? {type: 'block', size: [blockSize[0], blockSize[1]], pooling: blockPoolingType}
      : {type: 'element'};
  }
  if (!isPair(sparsityMByN)) {
    throw new TfmotError(
      'invalid-m-by-n',
      `sparsityMByN must be two positive integers [m, n], m zeros in every n weights, but got ${show(sparsityMByN)}.`,
    );
  }
  const [m, n] = sparsityMByN;
  if (m >= n) {
    throw new TfmotError(
      'invalid-m-by-n',
      `sparsityMByN [m, n] must have m smaller than n, because m of every n weights become zero, but got ${show(sparsityMByN)}.`,
    );
  }
  if (inBlocks) {
    throw new TfmotError(
      'invalid-m-by-n',
      `sparsityMByN and blockSize exclude each other, but got ${show(sparsityMByN)} and ${show(blockSize)}. Leave one out.`,
    );
  }
  return {type: 'm-by-n', m, n};
}

/**
 * Checks that a pattern fits a weight.
 *
 * @throws TfmotError `invalid-block-size`, `invalid-m-by-n`.
 */
export function checkPatternFits(pattern: Pattern, weight: string, shape: readonly (number | null)[]): void {
  if (pattern.type === 'element' || shape.length >= 2) return;
  const [code, what] =
    pattern.type === 'block'
      ? (['invalid-block-size', 'Blocks'] as const)
      : (['invalid-m-by-n', 'm:n groups'] as const);
  throw new TfmotError(
    code,
    `${what} need a weight with at least two dimensions, but ${weight} has shape [${shape.join(', ')}]. Prune this layer element by element.`,
  );
}

function isPair(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(part => Number.isSafeInteger(part) && part > 0);
}

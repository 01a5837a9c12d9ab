import {TfmotError} from '../errors.ts';
import {show} from '../live/given.ts';
import type {Pattern} from '../masks/pattern.ts';
import {checkOptionNames} from '../option-names.ts';
import {constantSparsity} from './constant-sparsity.ts';
import {isPruningPolicy} from './policy.ts';
import {isPruningSchedule, type PruningSchedule} from './schedule.ts';

/** How a layer is pruned. */
export interface PruningParams {
  /** When and how much; by default half of the weights, every 100 steps. */
  readonly pruningSchedule?: PruningSchedule;
  /** `[height, width]` of the blocks of the kernel `[in, out]` that live or die together; `[1, 1]` by default. */
  readonly blockSize?: readonly [number, number];
  /** Whether a block counts by its average or its largest magnitude; `'AVG'` by default. */
  readonly blockPoolingType?: 'AVG' | 'MAX';
  /** `[m, n]`: m zeros in every n weights along the input channels, in place of blocks. */
  readonly sparsityMByN?: readonly [number, number] | null;
}

/** Checked settings, with defaults filled in. */
export interface PruningSettings {
  readonly schedule: PruningSchedule;
  readonly pattern: Pattern;
}

/** The names of {@link PruningParams}. */
export const PRUNING_PARAMS: readonly string[] = [
  'pruningSchedule',
  'blockSize',
  'blockPoolingType',
  'sparsityMByN',
] satisfies readonly (keyof PruningParams)[];

/**
 * Checks the settings of a layer.
 *
 * @param caller Whose they are, as the message says it.
 * @param names All that `caller` knows.
 * @throws TfmotError `invalid-argument`, `invalid-schedule`, `invalid-block-size`, `invalid-m-by-n`.
 */
export function pruningSettings(
  params: PruningParams,
  caller: string,
  names: readonly string[] = PRUNING_PARAMS,
): PruningSettings {
  if (typeof params !== 'object' || params === null) {
    throw new TfmotError(
      'invalid-argument',
      `Pruning settings must be an object {pruningSchedule, ...}, but got ${show(params)}.`,
    );
  }
  if (isPruningSchedule(params)) throw byName(caller, 'a schedule', 'pruningSchedule');
  if (isPruningPolicy(params)) throw byName(caller, 'a policy', 'pruningPolicy');
  checkOptionNames(params, names, caller);
  const {
    pruningSchedule = constantSparsity({targetSparsity: 0.5, beginStep: 0}),
    blockSize = [1, 1],
    blockPoolingType = 'AVG',
    sparsityMByN = null,
  } = params;
  if (!isPruningSchedule(pruningSchedule)) {
    throw new TfmotError(
      'invalid-schedule',
      `pruningSchedule must have the methods sparsityAt, shouldPruneAt and getConfig, but got ${show(pruningSchedule)}. ` +
        'Use constantSparsity({...}) or polynomialDecay({...}).',
    );
  }
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
    return {
      schedule: pruningSchedule,
      pattern: inBlocks
        ? {type: 'block', size: [blockSize[0], blockSize[1]], pooling: blockPoolingType}
        : {type: 'element'},
    };
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
  return {schedule: pruningSchedule, pattern: {type: 'm-by-n', m, n}};
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

function byName(caller: string, what: string, name: string): TfmotError {
  return new TfmotError('invalid-argument', `${caller} takes ${what} by name, in an object: {${name}: ...}.`);
}

function isPair(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(part => Number.isSafeInteger(part) && part > 0);
}

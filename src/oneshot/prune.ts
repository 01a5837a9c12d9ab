import type {ModelArtifacts, SavableModel} from '../artifacts/artifacts.ts';
import {factsOf} from '../artifacts/facts.ts';
import type {Change, Kept, NamedWeight, OpenModel, Transformed} from '../artifacts/open-model.ts';
import {PRUNED_ROLES, type Role} from '../artifacts/roles.ts';
import {reasonToKeep} from '../artifacts/selection.ts';
import {refuseUnfinished} from '../artifacts/unfinished.ts';
import {TfmotError} from '../errors.ts';
import type {OpenArtifacts} from '../formats/artifacts-model.ts';
import {type GivenModel, openGiven} from '../formats/open-given.ts';
import {type Allocation, globalAllocation, uniformAllocation} from '../masks/allocation.ts';
import {checkSparsity} from '../masks/check-sparsity.ts';
import {largestMask} from '../masks/element-mask.ts';
import {computeMask} from '../masks/mask.ts';
import type {Pattern} from '../masks/pattern.ts';
import {checkPatternFits, PATTERN_OPTION_NAMES, type PatternOptions, patternOf} from '../masks/pattern-options.ts';
import {firstNonFinite} from '../masks/statistics.ts';
import {checkOptionNames} from '../option-names.ts';
import {nextTask} from '../pace.ts';
import {show} from '../show.ts';

/** What to prune, and how. */
export interface PruneOneShotOptions extends PatternOptions {
  /** Share of the weights that becomes zero, in [0, 1). Needed unless `sparsityMByN` says it. */
  readonly sparsity?: number;
  /**
   * `uniform` (the default): every kernel loses the same share. `global`: all are ranked together, which spares those
   * that matter most; single weights only. A function gives the number of weights that each keeps.
   */
  readonly allocation?: 'uniform' | 'global' | Allocation;
  /** With `global`: the least share of each kernel that stays, 0.01 by default; 0 lets whole kernels go. */
  readonly minKept?: number;
  /** Whether depthwise kernels, which are few and matter much, are pruned too. False by default. */
  readonly includeDepthwise?: boolean;
  /** Stops the work; the promise is rejected with its reason. */
  readonly signal?: AbortSignal;
  /** Told after each kernel how many weights are done, of how many. */
  readonly onProgress?: (progress: {readonly done: number; readonly total: number}) => void;
}

const OPTION_NAMES: readonly string[] = [
  'sparsity',
  ...PATTERN_OPTION_NAMES,
  'allocation',
  'minKept',
  'includeDepthwise',
  'signal',
  'onProgress',
];

/** Checked options. */
interface Settings {
  readonly sparsity: number;
  readonly pattern: Pattern;
  readonly allocation: Allocation;
  readonly roles: readonly Role[];
}

/**
 * Sets the smallest weights of a finished model to zero, by magnitude, in one go and without data or training: expect
 * to lose accuracy from about half of the weights on. Weights of 8 or 16 bits stay so.
 *
 * @param model A live `tf.LayersModel`, artifacts, an open model, or what `open` takes: a URL, bytes, files; not
 *     changed.
 * @returns The pruned model, what was pruned, and what was left alone and why.
 * @throws TfmotError `invalid-argument`, `invalid-sparsity`, `invalid-block-size` or `invalid-m-by-n` for options;
 *     `nothing-to-prune`, `non-finite-weight`, `unsupported-model`, `invalid-topology` or `invalid-weights` for a
 *     model.
 *
 * @example
 * const {model: pruned, kept} = await pruneOneShot(model, {sparsity: 0.5});
 * await writeFile('pruned.tfmz', await compress(pruned.artifacts));
 */
export async function pruneOneShot<Model extends OpenModel>(
  model: Model,
  options: PruneOneShotOptions,
): Promise<Transformed<Model>>;
export async function pruneOneShot(
  model: SavableModel | ModelArtifacts,
  options: PruneOneShotOptions,
): Promise<Transformed<OpenArtifacts>>;
export async function pruneOneShot(model: GivenModel, options: PruneOneShotOptions): Promise<Transformed>;
export async function pruneOneShot(model: GivenModel, options: PruneOneShotOptions): Promise<Transformed> {
  const settings = settingsOf(options);
  const open = await openGiven(model);
  refuseUnfinished(open, 'Pruning in one go');
  const kept: Kept[] = [];
  const prunable: NamedWeight[] = [];
  for (const weight of open.weights) {
    const reason = reasonToKeep(weight, settings.roles);
    if (reason === null) prunable.push(weight);
    else kept.push({name: weight.name, reason});
  }
  if (prunable.length === 0) {
    const reasons = [...new Set(kept.map(({reason}) => reason))].join('; ');
    throw new TfmotError('nothing-to-prune', `The model has no weight to prune: ${reasons || 'it has no weights'}.`);
  }
  for (const {name, shape} of prunable) checkPatternFits(settings.pattern, name, shape);
  const changes = await prunedValues(prunable, settings, options);
  const pruned = open.withWeights(changes);
  const after = new Map(pruned.weights.map(weight => [weight.name, weight]));
  const changed = prunable.map(weight => ({
    name: weight.name,
    before: factsOf(weight),
    after: factsOf(after.get(weight.name)!),
  }));
  return {model: pruned, changed, kept};
}

function settingsOf(options: PruneOneShotOptions): Settings {
  checkOptionNames(options, OPTION_NAMES, 'pruneOneShot');
  const {sparsity, allocation = 'uniform', minKept = 0.01, includeDepthwise = false} = options ?? {};
  const pattern = patternOf(options ?? {});
  if (pattern.type === 'm-by-n') {
    if (sparsity !== undefined) throw invalid('sparsityMByN says how many weights become zero: leave out sparsity.');
  } else checkSparsity('sparsity', sparsity);
  if (typeof minKept !== 'number' || !(minKept >= 0 && minKept <= 1))
    throw invalid(`minKept must be a share from 0 to 1, but is ${show(minKept)}.`);
  if (typeof allocation !== 'function' && allocation !== 'uniform' && allocation !== 'global')
    throw invalid(`allocation must be 'uniform', 'global' or a function, but is ${show(allocation)}.`);
  if (allocation !== 'uniform' && pattern.type !== 'element')
    throw invalid('An allocation other than uniform counts single weights: leave out blockSize and sparsityMByN.');
  return {
    sparsity: sparsity ?? 0,
    pattern,
    allocation:
      typeof allocation === 'function'
        ? allocation
        : allocation === 'global'
          ? globalAllocation(minKept)
          : uniformAllocation,
    roles: includeDepthwise ? [...PRUNED_ROLES, 'depthwise'] : PRUNED_ROLES,
  };
}

async function prunedValues(
  weights: readonly NamedWeight[],
  {sparsity, pattern, allocation}: Settings,
  {signal, onProgress}: PruneOneShotOptions,
): Promise<Map<string, Change>> {
  const counts =
    pattern.type === 'element'
      ? allocation(
          weights.map(weight => ({name: weight.name, shape: weight.shape, scores: finiteValues(weight)})),
          sparsity,
        )
      : new Map<string, number>();
  const total = weights.reduce((sum, {shape}) => sum + shape.reduce((product, size) => product * size, 1), 0);
  const changes = new Map<string, Change>();
  let done = 0;
  for (const weight of weights) {
    signal?.throwIfAborted();
    const values = finiteValues(weight);
    const {mask} =
      pattern.type === 'element'
        ? largestMask(values, countOf(counts, weight.name, values.length))
        : computeMask(values, weight.shape, fitted(pattern, weight), sparsity);
    changes.set(weight.name, {values: masked(values, mask)});
    done += values.length;
    onProgress?.({done, total});
    await nextTask();
  }
  return changes;
}

function countOf(counts: ReadonlyMap<string, number>, name: string, length: number): number {
  const count = counts.get(name);
  if (count !== undefined && Number.isSafeInteger(count) && count >= 0 && count <= length) return count;
  throw invalid(
    `An allocation must give each weight a whole number of elements to keep, but gave '${name}' ${show(count)} of ${length}.`,
  );
}

function fitted(pattern: Pattern, {shape, uses}: NamedWeight): Pattern {
  if (pattern.type !== 'm-by-n') return pattern;
  return {...pattern, axis: uses[0]!.inputAxes.at(-1) ?? shape.length - 2};
}

function finiteValues(weight: NamedWeight): Float32Array {
  const values = weight.values();
  const wrong = firstNonFinite(values);
  if (wrong < 0) return values;
  throw new TfmotError(
    'non-finite-weight',
    `Weights must be finite to be ranked, but element ${wrong} of '${weight.name}' is ${values[wrong]}. The training has diverged: go back to an earlier checkpoint.`,
  );
}

/** Kept weights as they are, the others +0: a product would leave -0, which compresses worse. */
function masked(values: Float32Array, mask: Float32Array): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < result.length; i++) if (mask[i] === 1) result[i] = values[i]!;
  return result;
}

function invalid(message: string): TfmotError {
  return new TfmotError('invalid-argument', message);
}

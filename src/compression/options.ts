import type {Metric} from '../artifacts/metric.ts';
import type {Selection} from '../artifacts/selection.ts';
import {SELECTION_NAMES} from '../artifacts/selection.ts';
import {TfmotError} from '../errors.ts';
import {checkOptionNames} from '../option-names.ts';
import {PACE_NAMES, type PaceOptions} from '../pace.ts';
import {show} from '../show.ts';

/** Every weight comes back bit for bit. The default. */
export interface LosslessOptions extends PaceOptions {
  readonly lossless?: true;
  readonly bits?: never;
  readonly codebook?: never;
  readonly step?: never;
}

/** Symmetric levels of `bits` bits for each weight: its step is its largest magnitude over `2 ** (bits - 1) - 1`. */
export interface BitsOptions extends LossyOptions {
  /** 2 to 16. */
  readonly bits: number;
  readonly lossless?: never;
  readonly codebook?: never;
  readonly step?: never;
}

/** A codebook for each weight, found by k-means, zero always among its entries. */
export interface CodebookOptions extends Omit<LossyOptions, 'lambda'> {
  /** Entries, 2 to 256. */
  readonly codebook: number;
  readonly lossless?: never;
  readonly bits?: never;
  readonly step?: never;
  readonly lambda?: never;
}

/** Multiples of a step. */
export interface StepOptions extends LossyOptions {
  /**
   * The step in the weights' own units, the same for all, or `auto`: a step for each weight, a share of the root mean
   * square of what it keeps. With a metric `auto` finds the coarsest steps it allows; without one it takes an
   * eighth, which nothing has judged: the report says so.
   */
  readonly step: number | 'auto';
  readonly lossless?: never;
  readonly bits?: never;
  readonly codebook?: never;
}

/** What every lossy way takes. */
export interface LossyOptions extends Selection, PaceOptions {
  /**
   * How many squared steps of error a saved bit may cost: each weight takes the level with the least `error ** 2 / step
   * ** 2 + lambda * bits`. 0 is plain rounding; 0.1, the default, is where a coarser step would save as much.
   */
  readonly lambda?: number;
  /** Judges the compressed model; larger is better. Without it nothing guards the model's quality. */
  readonly metric?: Metric;
  /** How much worse than the model's own the metric may be, in its units. 0 by default. */
  readonly tolerance?: number;
}

/**
 * How to compress: exactly one of `lossless`, `bits`, `codebook` and `step`. Progress counts bytes of weights coded.
 */
export type CompressOptions = LosslessOptions | BitsOptions | CodebookOptions | StepOptions;

const WAYS = ['lossless', 'bits', 'codebook', 'step'] as const;
const LOSSY_NAMES: readonly string[] = [...SELECTION_NAMES, 'lambda', 'metric', 'tolerance'];
const OPTION_NAMES: readonly string[] = [...WAYS, ...LOSSY_NAMES, ...PACE_NAMES];

/**
 * @param caller Whose options they are.
 * @throws TfmotError `invalid-argument` when the options are unknown, contradict each other or leave their range.
 */
export function checkOptions(options: CompressOptions, caller: string): void {
  if ((options as {calibration?: unknown} | undefined)?.calibration !== undefined)
    throw new TfmotError('invalid-argument', `${caller} has no option 'calibration'. Did you mean metric?`);
  checkOptionNames(options, OPTION_NAMES, caller);
  const ways = WAYS.filter(way => options[way] !== undefined);
  if (ways.length > 1) throw invalid(`take one of lossless, bits, codebook and step, but got ${ways.join(' and ')}`);
  const {lossless, bits, codebook, step} = options;
  if (lossless !== undefined && lossless !== true)
    throw invalid(`have true as lossless, or leave it out, but got ${show(lossless)}`);
  if (bits !== undefined && !isWhole(bits, 2, 16)) throw invalid(`have bits from 2 to 16, but got ${show(bits)}`);
  if (codebook !== undefined && !isWhole(codebook, 2, 256))
    throw invalid(`have a codebook of 2 to 256 entries, but got ${show(codebook)}`);
  if (
    step !== undefined &&
    step !== 'auto' &&
    !(typeof step === 'number' && step > 0 && Number.isFinite(Math.fround(step)))
  )
    throw invalid(`have a step above 0 or 'auto', but got ${show(step)}`);
  if (ways.length === 0 || lossless !== undefined) {
    const idle = LOSSY_NAMES.find(name => (options as Readonly<Record<string, unknown>>)[name] !== undefined);
    if (idle !== undefined)
      throw invalid(`leave out ${idle} where nothing is rounded: it goes with bits, codebook or step`);
    return;
  }
  const {lambda = 0, tolerance = 0, metric} = options as LossyOptions;
  if (codebook !== undefined && lambda !== 0) throw invalid('leave out lambda where they have a codebook');
  if (!(lambda >= 0 && lambda <= 10)) throw invalid(`have lambda from 0 to 10, but got ${show(lambda)}`);
  if (!(tolerance >= 0)) throw invalid(`have a tolerance of at least 0, but got ${show(tolerance)}`);
  if (metric !== undefined && typeof metric !== 'function')
    throw invalid(`have a function as metric, but got ${show(metric)}`);
  if (tolerance > 0 && metric === undefined)
    throw invalid(
      'have a metric where they have a tolerance: a function of artifacts that returns a number, such as metricOf makes',
    );
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function invalid(what: string): TfmotError {
  return new TfmotError('invalid-argument', `The options of compress must ${what}.`);
}

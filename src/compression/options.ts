import type {Metric} from '../artifacts/metric.ts';
import type {Selection} from '../artifacts/selection.ts';
import {TfmotError} from '../errors.ts';

/** Every weight comes back bit for bit. The default. */
export interface LosslessOptions {
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
   * square of what it keeps. With a calibration `auto` finds the coarsest steps it allows, else it takes an eighth.
   */
  readonly step: number | 'auto';
  readonly lossless?: never;
  readonly bits?: never;
  readonly codebook?: never;
}

/** What every lossy way takes. */
export interface LossyOptions extends Selection {
  /**
   * How many squared steps of error a saved bit may cost: each weight takes the level with the least
   * `error ** 2 / step ** 2 + lambda * bits`. 0 is plain rounding; 0.1, the default, is where a coarser step would save as much.
   */
  readonly lambda?: number;
  /** Judges the compressed model; larger is better. Without it nothing guards the model's quality. */
  readonly calibration?: Metric;
  /** How much worse than the model's own the metric may be, in its units. 0 by default. */
  readonly tolerance?: number;
}

/** How to compress: exactly one of `lossless`, `bits`, `codebook` and `step`. */
export type CompressOptions = LosslessOptions | BitsOptions | CodebookOptions | StepOptions;

const WAYS = ['lossless', 'bits', 'codebook', 'step'] as const;

/** @throws TfmotError `invalid-argument` when the options contradict each other or leave their range. */
export function checkOptions(options: CompressOptions): void {
  const ways = WAYS.filter(way => options[way] !== undefined);
  if (ways.length > 1) throw invalid(`take one of lossless, bits, codebook and step, but got ${ways.join(' and ')}`);
  const {bits, codebook, step} = options;
  if (bits !== undefined && !isWhole(bits, 2, 16)) throw invalid(`have bits from 2 to 16, but got ${bits}`);
  if (codebook !== undefined && !isWhole(codebook, 2, 256))
    throw invalid(`have a codebook of 2 to 256 entries, but got ${codebook}`);
  if (
    step !== undefined &&
    step !== 'auto' &&
    !(typeof step === 'number' && step > 0 && Number.isFinite(Math.fround(step)))
  )
    throw invalid(`have a step above 0 or 'auto', but got ${step}`);
  if (ways.length === 0 || options.lossless !== undefined) return;
  const {lambda = 0, tolerance = 0, calibration} = options as LossyOptions;
  if (!(lambda >= 0 && lambda <= 10)) throw invalid(`have lambda from 0 to 10, but got ${lambda}`);
  if (!(tolerance >= 0)) throw invalid(`have a tolerance of at least 0, but got ${tolerance}`);
  if (calibration !== undefined && typeof calibration !== 'function')
    throw invalid(`have a function as calibration, but got ${typeof calibration}`);
  if (tolerance > 0 && calibration === undefined) throw invalid('have a calibration where they have a tolerance');
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function invalid(what: string): TfmotError {
  return new TfmotError('invalid-argument', `The options of compress must ${what}.`);
}

import type {Metric} from '../artifacts/metric.ts';
import type {OpenModel} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import {artifactsIn} from '../formats/open-given.ts';
import {type LossyModel, type QuantizedModel, type QuantizerOf, quantizeModel} from '../oneshot/quantize-model.ts';
import {paced} from '../pace.ts';
import {largestMagnitude, rootMeanSquare} from '../quantizers/quantize-weight.ts';
import {coarsest, type Judge, type Quantize} from '../search/coarsest.ts';
import {show} from '../show.ts';
import type {BitsOptions, CodebookOptions, StepOptions} from './options.ts';

/** A quantised model that the metric allows. */
export interface Judged {
  readonly model: QuantizedModel;
  readonly metric?: {readonly original: number; readonly compressed: number};
}

/** At high rates a bit less costs about this many squared steps of error: 2 ln 2 / 12. */
const LAMBDA = 0.1;
/** Share of a weight's spread that `auto` takes as step when nothing judges the result. */
const SAFE_SHARE = 1 / 8;
const BITS_MAX = 16;
const ENTRIES_MAX = 256;
const FINER = 0.7;
const FINER_STEPS = 16;
const NOTHING = {done: 0, total: 0};

/**
 * Quantises a model as the options say. With a metric, more finely until it is within the tolerance; a model that no
 * step satisfies stays as it is. With `step: 'auto'`, as coarsely as the metric allows.
 *
 * @throws TfmotError `invalid-argument` when the metric is not a number; the signal's reason when it is aborted.
 */
export async function quantizeUnderMetric(
  lossy: LossyModel,
  options: BitsOptions | CodebookOptions | StepOptions,
): Promise<Judged> {
  const {metric, tolerance = 0, step, lambda = LAMBDA, signal} = options;
  const pace = signal === undefined ? {} : {signal};
  const quantize: Quantize = quantizerOf => paced(quantizeModel(lossy, quantizerOf), () => NOTHING, pace);
  if (metric === undefined) return {model: await quantize(ladder(options)[0]!)};
  const original = await measured(metric, lossy.open);
  const judge: Judge = async model => {
    signal?.throwIfAborted();
    const value = await measured(metric, model.open);
    return {metric: value, accepted: value >= original - tolerance};
  };
  if (step === 'auto') {
    const best = await coarsest(lossy, lambda, quantize, judge);
    return {model: best.model, metric: {original, compressed: best.metric ?? original}};
  }
  for (const quantizerOf of ladder(options)) {
    const model = await quantize(quantizerOf);
    const judged = await judge(model);
    if (judged.accepted) return {model, metric: {original, compressed: judged.metric}};
  }
  return {model: await quantize(() => undefined), metric: {original, compressed: original}};
}

async function measured(metric: Metric, open: OpenModel): Promise<number> {
  const value: unknown = await metric(artifactsIn(open, 'A metric'));
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw new TfmotError(
    'invalid-argument',
    `A metric must return a number, larger for a better model, but returned ${show(value)}.`,
  );
}

/** What to try, the given first, then ever finer. */
function ladder({bits, codebook, step, lambda = LAMBDA}: BitsOptions | CodebookOptions | StepOptions): QuantizerOf[] {
  if (codebook !== undefined) {
    const sizes = [codebook];
    while (sizes.at(-1)! < ENTRIES_MAX) sizes.push(Math.min(ENTRIES_MAX, sizes.at(-1)! * 2));
    return sizes.map(
      entries =>
        ({values}) =>
          largestMagnitude(values) === 0 ? undefined : {method: 'codebook', entries},
    );
  }
  const lambdas = lambda > 0 ? [lambda, 0] : [0];
  if (bits !== undefined) {
    const first = lambdas.map(rate => byBits(bits, rate));
    return [...first, ...Array.from({length: BITS_MAX - bits}, (_, i) => byBits(bits + 1 + i, 0))];
  }
  if (step === 'auto') return [byStep(values => rootMeanSquare(values) * SAFE_SHARE, lambda)];
  const first = lambdas.map(rate => byStep(() => step!, rate));
  return [...first, ...Array.from({length: FINER_STEPS}, (_, i) => byStep(() => step! * FINER ** (i + 1), 0))];
}

function byBits(bits: number, lambda: number): QuantizerOf {
  return byStep(values => largestMagnitude(values) / (2 ** (bits - 1) - 1), lambda);
}

/** A weight of zeros has no step and stays. */
function byStep(stepOf: (values: Float32Array) => number, lambda: number): QuantizerOf {
  return ({values}) => {
    const step = largestMagnitude(values) === 0 ? 0 : stepOf(values);
    return step === 0 ? undefined : {method: 'step', step, lambda};
  };
}

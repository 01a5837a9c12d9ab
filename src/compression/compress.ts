import {artifactsOf, type ModelArtifacts, type SavableModel} from '../artifacts/artifacts.ts';
import {refuseUnfinished} from '../artifacts/unfinished.ts';
import {unfinishedOf} from '../formats/keras/open-layers.ts';
import {encodeFile} from '../formats/tfmz/encode/encode-file.ts';
import type {Limits} from '../formats/tfmz/format/limits.ts';
import {meterOf} from '../formats/tfmz/format/meter.ts';
import {type LossyModel, lossyModel, type QuantizedModel} from '../oneshot/quantize-model.ts';
import {type PaceOptions, paced} from '../pace.ts';
import type {QuantizationError} from '../quantizers/error.ts';
import {largestMagnitude} from '../quantizers/quantize-weight.ts';
import {type CompressOptions, checkOptions} from './options.ts';
import {quantizeUnderMetric} from './quantize-under-metric.ts';

/** What became of one weight. */
export interface CompressedWeight {
  readonly name: string;
  readonly method: 'lossless' | 'step' | 'codebook';
  /** Why it was kept as it is; only with `lossless`. */
  readonly reason?: string;
  /** The values are multiples of it; only with `step`. */
  readonly step?: number;
  /** How far the new values are from the old; none for what is kept. */
  readonly error?: QuantizationError;
}

/** A compressed model and what became of it. */
export interface Compressed {
  /** The `.tfmz` file. */
  readonly bytes: Uint8Array;
  /** The model as the file will decode, value for value. */
  readonly artifacts: ModelArtifacts;
  readonly weights: readonly CompressedWeight[];
  /** The metric before and after; only where one was given. */
  readonly metric?: {readonly original: number; readonly compressed: number};
  /** Options that `decompress` needs for this file; only where its default limits are too low. */
  readonly limits?: Partial<Limits>;
  /** What to know about the file, a sentence each; none as a rule. */
  readonly notes: readonly string[];
}

/**
 * Packs a model into one `.tfmz` file. Without options every weight comes back bit for bit.
 *
 * @param model A live `tf.LayersModel` or artifacts, of a layers model or of a graph model; not changed.
 * @returns The file.
 * @throws TfmotError `invalid-argument` for options that are unknown or make no sense, `non-finite-weight` for a NaN or
 *   infinity in a weight to quantise, `invalid-weights` or `unsupported-model` for artifacts that are not sound. The
 *   signal's reason when it is aborted.
 *
 * @example
 * const file = await tfmot.compression.compress(model, {step: 'auto', metric, tolerance: 0.001});
 */
export async function compress(
  model: SavableModel | ModelArtifacts,
  options: CompressOptions = {},
): Promise<Uint8Array> {
  checkOptions(options, 'compress');
  return (await pack(model, options)).bytes;
}

/** As {@link compress}, but also says what the file will decode to and what became of each weight. */
export async function compressWithReport(
  model: SavableModel | ModelArtifacts,
  options: CompressOptions = {},
): Promise<Compressed> {
  checkOptions(options, 'compressWithReport');
  return pack(model, options);
}

async function pack(model: SavableModel | ModelArtifacts, options: CompressOptions): Promise<Compressed> {
  options.signal?.throwIfAborted();
  const artifacts = await artifactsOf(model);
  refuseUnfinished(unfinishedOf(artifacts), 'compress');
  if (options.bits === undefined && options.codebook === undefined && options.step === undefined) {
    const weights = artifacts.weightSpecs.map(({name}) => ({name, method: 'lossless', reason: 'lossless'}) as const);
    return {...(await written(artifacts, new Map(), options)), artifacts, weights};
  }
  const lossy = lossyModel(artifacts, options);
  const {model: best, metric} = await quantizeUnderMetric(lossy, options);
  const file = await written(best.artifacts, best.steps, options);
  const notes = options.step === 'auto' && options.metric === undefined ? [UNJUDGED, ...file.notes] : file.notes;
  const report = {...file, artifacts: best.artifacts, weights: fates(artifacts, lossy, best), notes};
  return metric === undefined ? report : {...report, metric};
}

const UNJUDGED =
  "No metric judged the steps: 'auto' took an eighth of each weight's spread. With a metric it finds the coarsest that keep it.";

/** What became of each weight, in the order of the model. */
function fates(
  {weightSpecs}: ModelArtifacts,
  {kept, weights}: LossyModel,
  {quantized}: QuantizedModel,
): readonly CompressedWeight[] {
  const reasons = new Map(kept.map(({name, reason}) => [name, reason]));
  for (const {name, values} of weights)
    reasons.set(name, largestMagnitude(values) === 0 ? 'all zero' : 'the metric allows no rounding');
  return weightSpecs.map(({name}): CompressedWeight => {
    const weight = quantized.get(name);
    if (weight === undefined) return {name, method: 'lossless', reason: reasons.get(name)!};
    const {step, error} = weight;
    return step === undefined ? {name, method: 'codebook', error} : {name, method: 'step', step, error};
  });
}

async function written(
  artifacts: ModelArtifacts,
  steps: ReadonlyMap<string, number>,
  options: PaceOptions,
): Promise<Pick<Compressed, 'bytes' | 'limits' | 'notes'>> {
  const meter = meterOf();
  const file = await paced(
    encodeFile(artifacts, steps, meter),
    () => ({done: meter.done, total: meter.total}),
    options,
  );
  const {limits} = file;
  if (limits === undefined) return {...file, notes: []};
  const needed = Object.entries(limits).map(([name, limit]) => `${name}: ${limit}`);
  return {...file, notes: [`Decoding takes more than the default limits: pass {${needed.join(', ')}} to decompress.`]};
}

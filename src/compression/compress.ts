import type {ModelArtifacts, SavableModel} from '../artifacts/artifacts.ts';
import type {OpenModel} from '../artifacts/open-model.ts';
import {refuseUnfinished} from '../artifacts/unfinished.ts';
import {unfinishedOf} from '../formats/keras/open-layers.ts';
import {openArtifacts} from '../formats/open-artifacts.ts';
import {type GivenModel, isOpen, openedOrArtifacts} from '../formats/open-given.ts';
import {type EncodedFile, encodeFile, encodeModelFile} from '../formats/tfmz/encode/encode-file.ts';
import type {Limits} from '../formats/tfmz/format/limits.ts';
import {type Meter, meterOf} from '../formats/tfmz/format/meter.ts';
import {type LossyModel, lossyModel, type QuantizedModel} from '../oneshot/quantize-model.ts';
import {type PaceOptions, paced, type Steps} from '../pace.ts';
import type {QuantizationError} from '../quantizers/error.ts';
import {largestMagnitude} from '../quantizers/quantize-weight.ts';
import {type CompressOptions, checkOptions, type LosslessOptions} from './options.ts';
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

/** As {@link Compressed}, of an open model, which need not have artifacts. */
export interface CompressedOpen extends Omit<Compressed, 'artifacts'> {
  /** The model as the file will decode, value for value. */
  readonly model: OpenModel;
}

/**
 * Packs a model into one `.tfmz` file. Without options every weight comes back bit for bit, and of a file of another
 * toolkit every byte.
 *
 * @param model A live `tf.LayersModel`, artifacts of a layers model or of a graph model, an open model of any format,
 *   or what `open` takes: a URL, bytes, files; not changed.
 * @returns The file.
 * @throws TfmotError `invalid-argument` for options that are unknown or make no sense, `non-finite-weight` for a NaN or
 *   infinity in a weight to quantise, `invalid-weights` or `unsupported-model` for artifacts that are not sound. The
 *   signal's reason when it is aborted.
 *
 * @example
 * const file = await tfmot.compression.compress(model, {step: 'auto', metric, tolerance: 0.001});
 */
export async function compress(model: GivenModel, options: CompressOptions = {}): Promise<Uint8Array> {
  checkOptions(options, 'compress');
  return (await packed(model, options)).bytes;
}

/** As {@link compress}, but also says what the file will decode to and what became of each weight. */
export async function compressWithReport(model: OpenModel, options?: CompressOptions): Promise<CompressedOpen>;
export async function compressWithReport(
  model: SavableModel | ModelArtifacts,
  options?: CompressOptions,
): Promise<Compressed>;
export async function compressWithReport(
  model: GivenModel,
  options?: CompressOptions,
): Promise<Compressed | CompressedOpen>;
export async function compressWithReport(
  model: GivenModel,
  options: CompressOptions = {},
): Promise<Compressed | CompressedOpen> {
  checkOptions(options, 'compressWithReport');
  return packed(model, options);
}

async function packed(given: GivenModel, options: CompressOptions): Promise<Compressed | CompressedOpen> {
  options.signal?.throwIfAborted();
  const artifacts = await openedOrArtifacts(given);
  if (isOpen(artifacts)) {
    refuseUnfinished(artifacts, 'compress');
    const {content, model, ...report} = await rounded(artifacts, options);
    return {...(await written(content, options, report)), model};
  }
  refuseUnfinished(unfinishedOf(artifacts), 'compress');
  if (isLossless(options)) {
    const weights = artifacts.weightSpecs.map(losslessly);
    return {...(await written({artifacts, steps: new Map()}, options, {weights, notes: []})), artifacts};
  }
  const {content, model, ...report} = await rounded(openArtifacts(artifacts), options);
  return {...(await written(content, options, report)), artifacts: model.artifacts!};
}

function isLossless({bits, codebook, step}: CompressOptions): boolean {
  return bits === undefined && codebook === undefined && step === undefined;
}

const losslessly = ({name}: {readonly name: string}) => ({name, method: 'lossless', reason: 'lossless'}) as const;

/** What is to be written: artifacts, or a file of another toolkit. */
type Content = {readonly steps: ReadonlyMap<string, number>} & (
  | {readonly artifacts: ModelArtifacts}
  | {readonly model: OpenModel}
);

/** What is said of a file beside its bytes. */
type Report = Pick<Compressed, 'weights' | 'notes' | 'metric'>;

async function rounded(
  open: OpenModel,
  options: CompressOptions,
): Promise<Report & {readonly content: Content; readonly model: OpenModel}> {
  if (isLossless(options))
    return {content: contentOf(open, new Map()), model: open, weights: open.weights.map(losslessly), notes: []};
  const way = options as Exclude<CompressOptions, LosslessOptions>;
  const lossy = lossyModel(open, way);
  const {model: best, metric} = await quantizeUnderMetric(lossy, way);
  const report = {
    content: contentOf(best.open, best.steps),
    model: best.open,
    weights: fates(lossy, best),
    notes: options.step === 'auto' && options.metric === undefined ? [UNJUDGED] : [],
  };
  return metric === undefined ? report : {...report, metric};
}

function contentOf(model: OpenModel, steps: ReadonlyMap<string, number>): Content {
  return model.file === undefined ? {artifacts: model.artifacts!, steps} : {model, steps};
}

const UNJUDGED =
  "No metric judged the steps: 'auto' took an eighth of each weight's spread. With a metric it finds the coarsest that keep it.";

/** What became of each weight, in the order of the model. */
function fates({open, kept, weights}: LossyModel, {quantized}: QuantizedModel): readonly CompressedWeight[] {
  const reasons = new Map(kept.map(({name, reason}) => [name, reason]));
  for (const {name, values} of weights)
    reasons.set(name, largestMagnitude(values) === 0 ? 'all zero' : 'the metric allows no rounding');
  return open.weights.map(({name}): CompressedWeight => {
    const weight = quantized.get(name);
    if (weight === undefined) return {name, method: 'lossless', reason: reasons.get(name)!};
    const {step, error} = weight;
    return step === undefined ? {name, method: 'codebook', error} : {name, method: 'step', step, error};
  });
}

async function written(
  content: Content,
  options: PaceOptions,
  report: Report,
): Promise<Report & Pick<Compressed, 'bytes' | 'limits'>> {
  const meter = meterOf();
  const steps =
    'artifacts' in content ? encodeFile(content.artifacts, content.steps, meter) : await ofFile(content, meter);
  const file = await paced(steps, () => ({done: meter.done, total: meter.total}), options);
  const {limits} = file;
  if (limits === undefined) return {...file, ...report};
  const needed = Object.entries(limits).map(([name, limit]) => `${name}: ${limit}`);
  const note = `Decoding takes more than the default limits: pass {${needed.join(', ')}} to decompress.`;
  return {...file, ...report, notes: [...report.notes, note]};
}

async function ofFile({model, steps}: Extract<Content, {model: OpenModel}>, meter: Meter): Promise<Steps<EncodedFile>> {
  const {bytes, places} = await model.file!();
  const {format, weights} = model;
  // Weights that the file does not hold in one piece stay where they are, around the others.
  const held = places
    .flatMap((place, i) => (place === null ? [] : [{place, weight: weights[i]!}]))
    .sort((a, b) => a.place.from - b.place.from);
  const byIndex = new Map(
    held.flatMap(({weight}, i) =>
      steps.has(weight.name) && weight.dtype === 'float32' ? [[i, steps.get(weight.name)!]] : [],
    ),
  );
  return encodeModelFile(
    format,
    bytes,
    held.map(({weight}) => weight),
    held.map(({place}) => place),
    byIndex,
    meter,
  );
}

import {artifactsOf, type ModelArtifacts, type SavableModel} from '../artifacts/artifacts.ts';
import {encodeArtifacts} from '../formats/tfmz/encode/encode-artifacts.ts';
import {lossyModel} from '../oneshot/quantize-model.ts';
import type {QuantizationError} from '../quantizers/error.ts';
import {calibrate} from './calibrate.ts';
import {type CompressOptions, checkOptions} from './options.ts';

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
  /** The calibration's metric before and after; only with a calibration. */
  readonly metric?: {readonly original: number; readonly compressed: number};
}

/**
 * Packs a model into one `.tfmz` file. Without options every weight comes back bit for bit.
 *
 * @param model A live `tf.LayersModel` or artifacts; not changed.
 * @returns The file.
 * @throws TfmotError `invalid-argument` for options that make no sense, `non-finite-weight` for a NaN or infinity in a
 *   weight to quantise, `invalid-weights` or `unsupported-model` for artifacts that are not sound.
 *
 * @example
 * const file = await tfmot.compression.compress(model, {step: 'auto', calibration: metric, tolerance: 0.001});
 */
export async function compress(
  model: SavableModel | ModelArtifacts,
  options: CompressOptions = {},
): Promise<Uint8Array> {
  return (await compressWithReport(model, options)).bytes;
}

/** As {@link compress}, but also says what the file will decode to and what became of each weight. */
export async function compressWithReport(
  model: SavableModel | ModelArtifacts,
  options: CompressOptions = {},
): Promise<Compressed> {
  checkOptions(options);
  const artifacts = await artifactsOf(model);
  if (options.bits === undefined && options.codebook === undefined && options.step === undefined) {
    const weights = artifacts.weightSpecs.map(({name}) => ({name, method: 'lossless', reason: 'lossless'}) as const);
    return {bytes: encodeArtifacts(artifacts), artifacts, weights};
  }
  const lossy = lossyModel(artifacts, options);
  const {model: best, metric} = await calibrate(lossy, options);
  const reasons = new Map(lossy.kept.map(({name, reason}) => [name, reason]));
  const weights = artifacts.weightSpecs.map(({name}): CompressedWeight => {
    const quantized = best.quantized.get(name);
    if (quantized === undefined) return {name, method: 'lossless', reason: reasons.get(name) ?? 'calibration'};
    const {step, error} = quantized;
    return step === undefined ? {name, method: 'codebook', error} : {name, method: 'step', step, error};
  });
  const bytes = encodeArtifacts(best.artifacts, best.steps);
  return {bytes, artifacts: best.artifacts, weights, ...(metric === undefined ? {} : {metric})};
}

import type {StoredDtype} from '../artifacts/dtypes.ts';
import type {Change, Kept, OpenModel} from '../artifacts/open-model.ts';
import {type Selection, selectWeights} from '../artifacts/selection.ts';
import {refuseUnfinished} from '../artifacts/unfinished.ts';
import {TfmotError} from '../errors.ts';
import {firstNonFinite} from '../masks/statistics.ts';
import type {Steps} from '../pace.ts';
import {type QuantizedValues, quantizeWeight, type WeightQuantizer} from '../quantizers/quantize-weight.ts';

/** A weight that is to be quantised. */
export interface LossyWeight {
  readonly name: string;
  /** Decoded, whatever it is stored as. */
  readonly values: Float32Array;
  readonly dtype: StoredDtype;
  /** Length of a row: the last extent of its shape. */
  readonly columns: number;
  readonly rank: number;
}

/** The weights of a model, sorted. */
export interface LossyModel {
  readonly open: OpenModel;
  readonly weights: readonly LossyWeight[];
  readonly kept: readonly Kept[];
}

/**
 * Sorts a model's weights into those to quantise, whose values are decoded, and those to keep.
 *
 * @throws TfmotError `non-finite-weight` when a weight to quantise holds a NaN or an infinity; `unsupported-model` for
 *     a model still in training.
 */
export function lossyModel(open: OpenModel, selection: Selection): LossyModel {
  refuseUnfinished(open, 'Lossy compression');
  const {selected, kept} = selectWeights(open.weights, selection);
  const weights = selected.map(({name, shape, dtype, values}) => ({
    name,
    values: values(),
    dtype,
    columns: Math.max(1, shape.at(-1) ?? 1),
    rank: shape.length,
  }));
  for (const {name, values} of weights) {
    const at = firstNonFinite(values);
    if (at < 0) continue;
    throw new TfmotError(
      'non-finite-weight',
      `Every weight to quantise must be finite, but '${name}' holds ${values[at]} at ${at}. Exclude it or compress without loss.`,
    );
  }
  return {open, weights, kept};
}

/** The model with its weights quantised, the steps that their values are multiples of, and the errors. */
export interface QuantizedModel {
  readonly open: OpenModel;
  readonly steps: ReadonlyMap<string, number>;
  readonly quantized: ReadonlyMap<string, QuantizedValues>;
}

/** How to quantise a weight; undefined leaves it. */
export type QuantizerOf = (weight: LossyWeight) => WeightQuantizer | undefined;

/** Quantises each weight as `quantizerOf` says, a weight a step. */
export function* quantizeModel({open, weights}: LossyModel, quantizerOf: QuantizerOf): Steps<QuantizedModel> {
  const changes = new Map<string, Change>();
  const steps = new Map<string, number>();
  const quantized = new Map<string, QuantizedValues>();
  for (const weight of weights) {
    const quantizer = quantizerOf(weight);
    if (quantizer === undefined) continue;
    const result = quantizeWeight(weight.values, weight.columns, quantizer);
    const change = changeOf(weight, result);
    changes.set(weight.name, change);
    if (result.step !== undefined && 'values' in change) steps.set(weight.name, result.step);
    quantized.set(weight.name, result);
    yield;
  }
  return {open: open.withWeights(changes), steps, quantized};
}

/**
 * How a quantised weight is stored: multiples of a step as levels of a new grid where the weight held levels before and
 * they still fit, all else as float32.
 */
function changeOf({dtype}: LossyWeight, {values, step}: QuantizedValues): Change {
  const wide: Change = {values, dtype: 'float32'};
  if (step === undefined || (dtype !== 'uint8' && dtype !== 'uint16')) return wide;
  let [low, high] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const level = Math.round(values[i]! / step);
    if (level < low) low = level;
    else if (level > high) high = level;
  }
  if (high - low > (dtype === 'uint8' ? 255 : 65_535)) return wide;
  const levels = dtype === 'uint8' ? new Uint8Array(values.length) : new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) levels[i] = Math.round(values[i]! / step) - low;
  return {levels, grid: {scale: step, min: low === 0 ? 0 : low * step}};
}

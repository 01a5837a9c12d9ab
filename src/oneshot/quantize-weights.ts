import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import type {Change, Kept, NamedWeight} from '../artifacts/open-model.ts';
import {SELECTION_NAMES, type Selection, selectWeights} from '../artifacts/selection.ts';
import {refuseUnfinished} from '../artifacts/unfinished.ts';
import {TfmotError} from '../errors.ts';
import {artifactsIn, type GivenModel, openGiven} from '../formats/open-given.ts';
import {firstNonFinite} from '../masks/statistics.ts';
import {checkOptionNames} from '../option-names.ts';
import {LEVELS, quantizeAffine} from '../quantizers/affine.ts';
import {type QuantizationError, quantizationError} from '../quantizers/error.ts';

/** How `quantizeWeights` stores weights. */
export interface QuantizeWeightsOptions extends Selection {
  /** `uint8` and `uint16` spread their levels evenly over each weight's range; `float16` rounds. */
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  /**
   * With `uint8` and `uint16`: how many levels to use, from 2 to all 256 or 65,536. Fewer make the file no smaller, but
   * compress better.
   */
  readonly levels?: number;
}

const OPTION_NAMES: readonly string[] = ['dtype', 'levels', ...SELECTION_NAMES];

/** What became of one weight. */
export interface QuantizedWeight {
  readonly name: string;
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  readonly error: QuantizationError;
}

/** What became of a model: pass it on as it is, the report is an extra that readers of artifacts do not look at. */
export interface QuantizedArtifacts extends ModelArtifacts {
  readonly report: {
    readonly quantized: readonly QuantizedWeight[];
    /** Weights that were left as they were, and why. */
    readonly kept: readonly Kept[];
  };
}

/**
 * Stores a model's weights in 8 or 16 bits, in TensorFlow.js' own quantised manifest: `tf.loadLayersModel` reads the
 * result and widens the weights again. Zeros stay exactly zero. Biases and normalisation weights stay float32 unless
 * `include: 'all'` asks for them.
 *
 * @param model A live model, artifacts or an open model that TensorFlow.js can load; not changed.
 * @throws TfmotError `non-finite-weight`; `invalid-argument` for options that make no sense, an `exclude` that names no
 *     weight, and a weight beyond the range of `float16`; `unsupported-model`, `invalid-weights`.
 *
 * @example
 * const small = await tfmot.quantization.quantizeWeights(model, {dtype: 'uint8', exclude: ['dense_Dense2/kernel']});
 * const loaded = await tf.loadLayersModel(tf.io.fromMemory(small));
 */
export async function quantizeWeights(model: GivenModel, options: QuantizeWeightsOptions): Promise<QuantizedArtifacts> {
  checkOptionNames(options ?? {}, OPTION_NAMES, 'quantizeWeights');
  const {dtype} = options ?? {};
  if (!['uint8', 'uint16', 'float16'].includes(dtype)) {
    throw new TfmotError('invalid-argument', `dtype must be 'uint8', 'uint16' or 'float16', but is '${dtype}'.`);
  }
  checkLevels(options);
  const open = await openGiven(model);
  refuseUnfinished(open, 'quantizeWeights');
  const {selected, kept} = selectWeights(open.weights, options);
  const changes = new Map(selected.map(weight => [weight.name, changeOf(weight, options)]));
  const changed = open.withWeights(changes);
  const after = new Map(changed.weights.map(weight => [weight.name, weight]));
  const quantized = selected.map(weight => ({
    name: weight.name,
    dtype,
    error: quantizationError(weight.values(), after.get(weight.name)!.values()),
  }));
  return {...artifactsIn(changed, 'quantizeWeights'), report: {quantized, kept}};
}

function checkLevels({dtype, levels}: QuantizeWeightsOptions): void {
  if (levels === undefined) return;
  const most = dtype === 'float16' ? 0 : LEVELS[dtype];
  if (Number.isInteger(levels) && levels >= 2 && levels <= most) return;
  const rule = most === 0 ? 'float16 has no levels to choose' : `levels must be a whole number from 2 to ${most}`;
  throw new TfmotError('invalid-argument', `${rule}, but got levels ${levels}.`);
}

function changeOf({name, values: valuesOf}: NamedWeight, {dtype, levels: count}: QuantizeWeightsOptions): Change {
  const values = valuesOf();
  const wrong = firstNonFinite(values);
  if (wrong >= 0) {
    throw new TfmotError(
      'non-finite-weight',
      `Weights must be finite to be quantised, but element ${wrong} of '${name}' is ${values[wrong]}. ` +
        'The training has diverged: go back to an earlier checkpoint.',
    );
  }
  if (dtype === 'float16') return {values, dtype};
  const {levels, scale, min} = quantizeAffine(values, dtype, count);
  return {levels, grid: {scale, min}};
}

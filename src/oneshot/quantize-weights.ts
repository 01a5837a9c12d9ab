import {artifactsOf, type ModelArtifacts, type SavableModel} from '../artifacts/artifacts.ts';
import {type Selection, selectWeights} from '../artifacts/selection.ts';
import {type StoredWeight, storedWeights, valuesOf, withWeights} from '../artifacts/stored-weights.ts';
import {TfmotError} from '../errors.ts';
import {firstNonFinite} from '../masks/statistics.ts';
import {LEVELS, quantizeAffine} from '../quantizers/affine.ts';
import {type QuantizationError, quantizationError} from '../quantizers/error.ts';
import {toFloat16} from '../quantizers/float16.ts';

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
    readonly kept: readonly {readonly name: string; readonly reason: string}[];
  };
}

/**
 * Stores a model's weights in 8 or 16 bits, in TensorFlow.js' own quantised manifest: `tf.loadLayersModel` reads the
 * result and widens the weights again. Zeros stay exactly zero. Biases and normalisation weights stay float32 unless
 * `include: 'all'` asks for them.
 *
 * @param model A live model or artifacts; not changed.
 * @throws TfmotError `non-finite-weight`; `invalid-argument` for options that make no sense, an `exclude` that names no
 *     weight, and a weight beyond the range of `float16`; `unsupported-model`, `invalid-weights`.
 *
 * @example
 * const small = await tfmot.quantization.quantizeWeights(model, {dtype: 'uint8', exclude: ['dense_Dense2/kernel']});
 * const loaded = await tf.loadLayersModel(tf.io.fromMemory(small));
 */
export async function quantizeWeights(
  model: SavableModel | ModelArtifacts,
  options: QuantizeWeightsOptions,
): Promise<QuantizedArtifacts> {
  const {dtype} = options;
  if (!['uint8', 'uint16', 'float16'].includes(dtype)) {
    throw new TfmotError('invalid-argument', `dtype must be 'uint8', 'uint16' or 'float16', but is '${dtype}'.`);
  }
  checkLevels(options);
  const artifacts = await artifactsOf(model);
  const weights = storedWeights(artifacts);
  const {selected, kept} = selectWeights(weights, options);
  const quantized: QuantizedWeight[] = [];
  const stored = weights.map(weight => {
    if (!selected.has(weight)) return weight;
    const result = quantize(weight, options);
    const error = quantizationError(valuesOf(weight), valuesOf(result));
    quantized.push({name: weight.spec.name, dtype, error});
    return result;
  });
  return {...withWeights(artifacts, stored), report: {quantized, kept}};
}

function checkLevels({dtype, levels}: QuantizeWeightsOptions): void {
  if (levels === undefined) return;
  const most = dtype === 'float16' ? 0 : LEVELS[dtype];
  if (Number.isInteger(levels) && levels >= 2 && levels <= most) return;
  const rule = most === 0 ? 'float16 has no levels to choose' : `levels must be a whole number from 2 to ${most}`;
  throw new TfmotError('invalid-argument', `${rule}, but got levels ${levels}.`);
}

function quantize(weight: StoredWeight, {dtype, levels: count}: QuantizeWeightsOptions): StoredWeight {
  const {name, shape, dtype: original_dtype} = weight.spec;
  const values = valuesOf(weight);
  const wrong = firstNonFinite(values);
  if (wrong >= 0) {
    throw new TfmotError(
      'non-finite-weight',
      `Weights must be finite to be quantised, but element ${wrong} of '${name}' is ${values[wrong]}. ` +
        'The training has diverged: go back to an earlier checkpoint.',
    );
  }
  const spec = {name, shape, dtype: original_dtype};
  if (dtype === 'float16') {
    const halves = toFloat16(values);
    if (halves.some(half => (half & 0x7fff) === 0x7c00)) {
      throw new TfmotError(
        'invalid-argument',
        `float16 reaches to 65504, but '${name}' has larger values. Exclude it or use 'uint16'.`,
      );
    }
    return {spec: {...spec, quantization: withDtype({dtype}, original_dtype)}, bytes: bytesOf(halves)};
  }
  const {levels, scale, min} = quantizeAffine(values, dtype, count);
  return {
    spec: {...spec, quantization: withDtype({dtype, scale, min}, original_dtype)},
    bytes: bytesOf(levels),
  };
}

/** The Python converter writes `original_dtype`, and TensorFlow.js reads it. */
function withDtype<T extends object>(quantization: T, original_dtype: string): T {
  return {...quantization, original_dtype};
}

const bytesOf = (levels: Uint8Array | Uint16Array): Uint8Array =>
  new Uint8Array(levels.buffer, levels.byteOffset, levels.byteLength);

import {factsOf} from '../artifacts/facts.ts';
import type {ChannelLevels, Facts, Kept, NamedWeight, OpenModel, Transformed} from '../artifacts/open-model.ts';
import {SELECTION_NAMES, type Selection, selectWeights} from '../artifacts/selection.ts';
import {TfmotError} from '../errors.ts';
import {firstNonFinite} from '../masks/statistics.ts';
import {checkOptionNames} from '../option-names.ts';
import {quantizeSymmetric} from '../quantizers/symmetric.ts';

/** Bytes that a weight in 8 bits takes besides its levels: a tensor and an operator, and a scale a channel. */
const BYTES_EACH = 300;
const BYTES_A_CHANNEL = 12;

/**
 * Stores the weights of a file in 8 bits, each with a scale for every output channel, in the file's own format:
 * programs that run it need nothing new. Zeros stay zero. Weights that would get no smaller are left.
 *
 * @param model An open model whose format has a place for such weights: a TensorFlow Lite model.
 * @throws TfmotError `unsupported-model` for another format; `non-finite-weight`; `invalid-argument` for options that
 *     make no sense.
 *
 * @example
 * const {model} = await quantizeFile(await open('/model.tflite'));
 * const bytes = (await model.save()).get('model.tflite');
 */
export async function quantizeFile(model: OpenModel, options: Selection = {}): Promise<Transformed> {
  checkOptionNames(options, SELECTION_NAMES, 'quantizeFile');
  if (model.withLevels === undefined)
    throw new TfmotError(
      'unsupported-model',
      `Weights in 8 bits need a place in the file, which models of format ${model.format} have none for. Use quantizeWeights or compress.`,
    );
  const {selected, kept} = selectWeights(model.weights, options);
  const levels = new Map<string, ChannelLevels>();
  const left: Kept[] = [...kept];
  for (const weight of selected) {
    const quantized = levelsOf(weight);
    if ('reason' in quantized) left.push(quantized);
    else levels.set(weight.name, quantized);
  }
  const result = await model.withLevels(levels);
  left.push(...result.kept);
  const refused = new Set(result.kept.map(({name}) => name));
  const changed = model.weights
    .filter(({name}) => levels.has(name) && !refused.has(name))
    .map(weight => ({name: weight.name, before: factsOf(weight), after: afterOf(levels.get(weight.name)!)}));
  return {model: result.model, changed, kept: left};
}

function levelsOf({name, shape, dtype, uses, values, bytes}: NamedWeight): ChannelLevels | Kept {
  if (dtype !== 'float32' && dtype !== 'float16') return {name, reason: `is ${dtype}`};
  const axis = uses[0]!.outputAxes.at(-1) ?? 0;
  const dense = values();
  const at = firstNonFinite(dense);
  if (at >= 0)
    throw new TfmotError(
      'non-finite-weight',
      `Every weight to quantise must be finite, but '${name}' holds ${dense[at]} at ${at}. Exclude it.`,
    );
  if (dense.length + BYTES_A_CHANNEL * (shape[axis] ?? 1) + BYTES_EACH >= bytes().length)
    return {name, reason: 'would be no smaller'};
  const {levels, scales} = quantizeSymmetric(dense, shape, {axis});
  return {levels, scales, axis};
}

function afterOf({levels}: ChannelLevels): Facts {
  const {length: elements} = levels;
  const nonZeros = levels.reduce((count, level) => count + Number(level !== 0), 0);
  return {dtype: 'int8', elements, nonZeros, bytes: elements};
}

import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {type Selection, selectWeights} from '../artifacts/selection.ts';
import {TfmotError} from '../errors.ts';
import {oneBuffer, stringLengths, wordsAt} from '../formats/tfmz/encode/artifact-bytes.ts';
import {placeTensors} from '../formats/tfmz/format/tensors.ts';
import {type QuantizedWeight, quantizeWeight, type WeightQuantizer} from '../quantizers/quantize-weight.ts';

/** A float32 weight that is to be quantised. */
export interface LossyWeight {
  readonly name: string;
  readonly values: Float32Array;
  /** Length of a row: the last extent of its shape. */
  readonly columns: number;
  readonly rank: number;
  /** Index of its first byte in the model's weight bytes. */
  readonly from: number;
}

/** A weight that stays as it is, and why. */
export interface KeptWeight {
  readonly name: string;
  readonly reason: string;
}

/** The weights of a model, sorted. */
export interface LossyModel {
  readonly artifacts: ModelArtifacts;
  readonly weights: readonly LossyWeight[];
  readonly kept: readonly KeptWeight[];
}

/**
 * Sorts a model's weights into those to quantise, whose values are copied, and those to keep.
 *
 * @throws TfmotError `non-finite-weight` when a weight to quantise holds a NaN or an infinity.
 */
export function lossyModel(artifacts: ModelArtifacts, selection: Selection): LossyModel {
  const all = oneBuffer(artifacts.weightData);
  const tensors = placeTensors(artifacts.weightSpecs, stringLengths(artifacts.weightSpecs, all));
  const stored = tensors.map(({spec, place}) => ({spec, bytes: all.subarray(place.from, place.to)}));
  const {selected, kept} = selectWeights(stored, selection);
  const weights = tensors
    .filter((_, i) => selected.has(stored[i]!))
    .map(({spec, elements, place}) => ({
      name: spec.name,
      values: new Float32Array(wordsAt(elements, all, place).buffer as ArrayBuffer),
      columns: Math.max(1, spec.shape.at(-1) ?? 1),
      rank: spec.shape.length,
      from: place.from,
    }));
  for (const {name, values} of weights) {
    const at = values.findIndex(value => !Number.isFinite(value));
    if (at < 0) continue;
    throw new TfmotError(
      'non-finite-weight',
      `Every weight to quantise must be finite, but '${name}' holds ${values[at]} at ${at}. Exclude it or compress without loss.`,
    );
  }
  return {artifacts, weights, kept};
}

/** The model with its weights quantised: artifacts of float32 values, the steps they are multiples of, and the errors. */
export interface QuantizedModel {
  readonly artifacts: ModelArtifacts;
  readonly steps: ReadonlyMap<string, number>;
  readonly quantized: ReadonlyMap<string, QuantizedWeight>;
}

/** How to quantise a weight; undefined leaves it. */
export type QuantizerOf = (weight: LossyWeight) => WeightQuantizer | undefined;

/** Quantises each weight as `quantizerOf` says. */
export function quantizeModel({artifacts, weights}: LossyModel, quantizerOf: QuantizerOf): QuantizedModel {
  const bytes = oneBuffer(artifacts.weightData).slice();
  const steps = new Map<string, number>();
  const quantized = new Map<string, QuantizedWeight>();
  for (const weight of weights) {
    const quantizer = quantizerOf(weight);
    if (quantizer === undefined) continue;
    const result = quantizeWeight(weight.values, weight.columns, quantizer);
    bytes.set(new Uint8Array(result.values.buffer, result.values.byteOffset, result.values.byteLength), weight.from);
    if (result.step !== undefined) steps.set(weight.name, result.step);
    quantized.set(weight.name, result);
  }
  return {artifacts: {...artifacts, weightData: bytes.buffer}, steps, quantized};
}

import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {inputChannelAxis} from '../artifacts/prunable.ts';
import {type StoredWeight, storedWeights, valuesOf, withWeights} from '../artifacts/stored-weights.ts';
import {TfmotError} from '../errors.ts';
import {computeMask} from '../masks/mask.ts';
import type {Pattern} from '../masks/pattern.ts';
import {firstNonFinite} from '../masks/statistics.ts';
import {type LayerWeight, layerWeights} from './layer-weights.ts';

/** What to prune in one go. */
export interface OneShot {
  /** Share of each prunable weight, or with `global` of all of them together, that becomes zero; m:n does not look at it. */
  readonly sparsity: number;
  readonly pattern: Pattern;
  /** Rank all prunable weights of the model together, which spares those that matter most. Single weights only. */
  readonly global: boolean;
}

/**
 * A copy of a model whose smallest weights are zero. No data and no training: expect to lose accuracy from about half of
 * the weights on.
 *
 * @throws TfmotError `nothing-to-prune`, `non-finite-weight`, `invalid-topology`, `invalid-weights`.
 */
export function pruneArtifacts(artifacts: ModelArtifacts, {sparsity, pattern, global}: OneShot): ModelArtifacts {
  const prunable = layerWeights(artifacts).filter(({notPrunable}) => notPrunable === null);
  if (prunable.length === 0) {
    throw new TfmotError(
      'nothing-to-prune',
      'The model has no weight to prune. `tfmot inspect` says for each weight why.',
    );
  }
  const values = prunable.map(finiteValues);
  const masks = global
    ? split(computeMask(joined(values), [], pattern, sparsity).mask, values)
    : values.map((one, index) => maskOf(prunable[index]!, one, pattern, sparsity));
  const pruned = new Map<string, StoredWeight>();
  for (const [index, {spec}] of prunable.entries()) {
    pruned.set(spec.name, {spec, bytes: new Uint8Array(masked(values[index]!, masks[index]!).buffer)});
  }
  return withWeights(
    artifacts,
    storedWeights(artifacts).map(weight => pruned.get(weight.spec.name) ?? weight),
  );
}

function maskOf(weight: LayerWeight, values: Float32Array, pattern: Pattern, sparsity: number): Float32Array {
  const {spec, className} = weight;
  const fitted =
    pattern.type === 'm-by-n' ? {...pattern, axis: inputChannelAxis(className, spec.shape.length)} : pattern;
  return computeMask(values, spec.shape, fitted, sparsity).mask;
}

function finiteValues(weight: LayerWeight): Float32Array {
  const values = valuesOf(weight);
  const wrong = firstNonFinite(values);
  if (wrong < 0) return values;
  throw new TfmotError(
    'non-finite-weight',
    `Weights must be finite to be ranked, but element ${wrong} of '${weight.spec.name}' is ${values[wrong]}.`,
  );
}

/** Kept weights as they are, the others +0: a product would leave -0, which compresses worse. */
function masked(values: Float32Array, mask: Float32Array): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length);
  for (let i = 0; i < result.length; i++) if (mask[i] === 1) result[i] = values[i]!;
  return result;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function split(all: Float32Array, like: readonly Float32Array[]): Float32Array[] {
  let offset = 0;
  return like.map(({length}) => {
    offset += length;
    return all.subarray(offset - length, offset);
  });
}

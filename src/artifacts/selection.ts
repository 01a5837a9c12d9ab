import {TfmotError} from '../errors.ts';
import type {StoredWeight} from './stored-weights.ts';

/** Which weights of a model to quantise. */
export interface Selection {
  /**
   * Weights to leave alone: a weight's name (`dense_1/kernel`), a layer's (`dense_1`), or a pattern that finds the name.
   */
  readonly exclude?: readonly (string | RegExp)[];
  /** `kernels` (the default) leaves out biases and normalisation weights, which are small and easily hurt. */
  readonly include?: 'kernels' | 'all';
}

/** What is quantised, and what is not and why. */
export interface SelectedWeights {
  readonly selected: ReadonlySet<StoredWeight>;
  readonly kept: readonly {readonly name: string; readonly reason: string}[];
}

const SENSITIVE = /(^|\/|_)(bias|gamma|beta|moving_mean|moving_variance)$/;

/**
 * Sorts the weights of a model into those to quantise and those to keep.
 *
 * @throws TfmotError `invalid-argument` when an entry of `exclude` fits no weight, so that a slip does not go unnoticed.
 */
export function selectWeights(weights: readonly StoredWeight[], options: Selection): SelectedWeights {
  const {exclude = [], include = 'kernels'} = options;
  const names = weights.map(({spec}) => spec.name);
  for (const entry of exclude) {
    if (names.some(name => fits(name, entry))) continue;
    throw new TfmotError(
      'invalid-argument',
      `exclude must name weights of the model, but no weight fits ${entry}. It has ${names.join(', ')}.`,
    );
  }
  const selected = new Set<StoredWeight>();
  const kept: {name: string; reason: string}[] = [];
  for (const weight of weights) {
    const {name, dtype, quantization} = weight.spec;
    const reason =
      quantization !== undefined
        ? `already ${quantization.dtype}`
        : dtype !== 'float32'
          ? `is ${dtype}`
          : exclude.some(entry => fits(name, entry))
            ? 'excluded'
            : include !== 'all' && SENSITIVE.test(name)
              ? 'bias or normalisation'
              : '';
    if (reason === '') selected.add(weight);
    else kept.push({name, reason});
  }
  return {selected, kept};
}

function fits(name: string, entry: string | RegExp): boolean {
  return typeof entry === 'string' ? name === entry || name.startsWith(`${entry}/`) : name.search(entry) >= 0;
}

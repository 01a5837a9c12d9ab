import {TfmotError} from '../errors.ts';
import type {StoredDtype} from './dtypes.ts';
import type {Kept, NamedWeight} from './open-model.ts';
import {ROLE_NAMES, ROUNDED_ROLES, type Role} from './roles.ts';

/** Which weights of a model to round. */
export interface Selection {
  /**
   * Weights to leave alone: a weight's name (`dense_1/kernel`), a layer's (`dense_1`), or a pattern that finds the
   * weight's name.
   */
  readonly exclude?: readonly (string | RegExp)[];
  /**
   * `kernels` (the default) takes kernels, recurrent and depthwise ones too, and embeddings. `all` takes biases, scales
   * and slopes besides, which are small and easily hurt. Statistics, and weights that no known layer uses, are never
   * rounded.
   */
  readonly include?: 'kernels' | 'all';
}

/** The names of {@link Selection}. */
export const SELECTION_NAMES: readonly string[] = ['exclude', 'include'];

/** What is rounded, and what is not and why. */
export interface SelectedWeights {
  readonly selected: readonly NamedWeight[];
  readonly kept: readonly Kept[];
}

/** Dtypes whose numbers a technique may change; others count, decide, or are text. */
const CHANGEABLE: readonly StoredDtype[] = ['float16', 'float32', 'int8', 'uint16', 'uint8'];
const ALL_ROLES: readonly Role[] = [...ROUNDED_ROLES, 'bias', 'normalisation', 'slope'];

/**
 * Sorts the weights of a model into those to round and those to keep.
 *
 * @throws TfmotError `invalid-argument` when an entry of `exclude` fits no weight, so that a slip does not go
 *     unnoticed, or `include` is another word.
 */
export function selectWeights(weights: readonly NamedWeight[], options: Selection): SelectedWeights {
  const {exclude = [], include = 'kernels'} = options;
  if (include !== 'kernels' && include !== 'all')
    throw new TfmotError('invalid-argument', `include must be 'kernels' or 'all', but is ${JSON.stringify(include)}.`);
  for (const entry of exclude) {
    if (weights.some(weight => fits(weight, entry))) continue;
    throw new TfmotError(
      'invalid-argument',
      `exclude must name weights of the model, but no weight fits ${entry}. It has ${weights.map(({name}) => name).join(', ')}.`,
    );
  }
  const roles = include === 'all' ? ALL_ROLES : ROUNDED_ROLES;
  const selected: NamedWeight[] = [];
  const kept: Kept[] = [];
  for (const weight of weights) {
    const reason = exclude.some(entry => fits(weight, entry)) ? 'excluded' : reasonToKeep(weight, roles);
    if (reason === null) selected.push(weight);
    else kept.push({name: weight.name, reason});
  }
  return {selected, kept};
}

/**
 * Why a technique for some roles leaves a weight alone, as a clause; null when it may touch it. A weight of several
 * uses is touched only where every use allows it.
 */
export function reasonToKeep({dtype, uses}: NamedWeight, roles: readonly Role[]): string | null {
  if (!CHANGEABLE.includes(dtype)) return `is ${dtype}`;
  if (uses.length === 0) return 'no known layer uses it';
  const other = uses.find(({role}) => !roles.includes(role));
  return other === undefined ? null : ROLE_NAMES[other.role];
}

function fits({name, uses}: NamedWeight, entry: string | RegExp): boolean {
  if (typeof entry !== 'string') return name.search(entry) >= 0;
  return name === entry || name.startsWith(`${entry}/`) || uses.some(({layer}) => ownsLayer(layer, entry));
}

/** Whether `entry` names a layer, or a model or wrapper around it, by its name or by its path. */
function ownsLayer(layer: string, entry: string): boolean {
  return `/${layer}/`.includes(`/${entry}/`);
}

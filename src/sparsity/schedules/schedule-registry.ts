import {TfmotError} from '../../errors.ts';
import {show} from '../../show.ts';
import {type ConstantSparsityOptions, constantSparsity} from './constant-sparsity.ts';
import {type PolynomialDecayOptions, polynomialDecay} from './polynomial-decay.ts';
import type {PruningSchedule, PruningScheduleConfig} from './schedule.ts';

/** Makes a schedule again from the `config` that its `getConfig` gave. */
export type PruningScheduleMaker = (config: Readonly<Record<string, unknown>>) => PruningSchedule;

/** The library's own are known from the start, so that importing nothing but a callback is enough to load a model. */
const makers = new Map<string, PruningScheduleMaker>([
  ['ConstantSparsity', config => constantSparsity(config as unknown as ConstantSparsityOptions)],
  ['PolynomialDecay', config => polynomialDecay(config as unknown as PolynomialDecayOptions)],
]);

/**
 * Registers a schedule by name, so that a saved model finds it again.
 *
 * When TensorFlow.js saves a model it rewrites keys between camelCase and snake_case, and string values likewise: keep
 * to numbers, booleans, arrays and camelCase keys in the config, and put a string only under the key `name`.
 *
 * @param className Letters and digits only, for the same reason.
 * @throws TfmotError `invalid-schedule` for any other name, or for what is no function.
 */
export function registerPruningSchedule(className: string, fromConfig: PruningScheduleMaker): void {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(className)) {
    throw new TfmotError(
      'invalid-schedule',
      `The class name of a schedule must consist of letters and digits, because other characters do not survive saving, but got '${className}'.`,
    );
  }
  if (typeof fromConfig !== 'function') {
    throw new TfmotError(
      'invalid-schedule',
      `registerPruningSchedule takes a function that makes the schedule '${className}' from its config, but got ${show(fromConfig)}.`,
    );
  }
  makers.set(className, fromConfig);
}

/**
 * The schedule that a saved model names.
 *
 * @throws TfmotError `invalid-schedule` when the name is not registered.
 */
export function pruningScheduleFromConfig(saved: PruningScheduleConfig): PruningSchedule {
  const make = makers.get(saved?.className);
  if (make === undefined) {
    throw new TfmotError(
      'invalid-schedule',
      `The schedule of a saved model must be registered before the model is loaded, but '${saved?.className}' is not. ` +
        `Known are ${[...makers.keys()].join(', ')}; call registerPruningSchedule('${saved?.className}', config => ...) for your own.`,
    );
  }
  return make(saved.config);
}

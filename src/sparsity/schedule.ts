import {TfmotError} from '../errors.ts';

/** A schedule as saved in a model: its registered name and what its maker needs to make it again. */
export interface PruningScheduleConfig {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * When masks are updated, and how sparse they then are. Training steps count from 1; every method is a pure function.
 *
 * @example
 * const halving: PruningSchedule = {
 *   sparsityAt: step => 1 - 0.5 ** Math.floor(step / 1000),
 *   shouldPruneAt: step => step % 1000 === 0,
 *   getConfig: () => ({className: 'Halving', config: {}}),
 * };
 * registerPruningSchedule('Halving', () => halving);
 */
export interface PruningSchedule {
  /** The target sparsity at `step`, a fraction in [0, 1). */
  sparsityAt(step: number): number;
  /** Whether masks are updated at `step`. */
  shouldPruneAt(step: number): boolean;
  /** What is saved: the name under which the schedule is registered, and plain JSON data for its maker. */
  getConfig(): PruningScheduleConfig;
}

/** Makes a schedule again from the `config` that its `getConfig` gave. */
export type PruningScheduleMaker = (config: Readonly<Record<string, unknown>>) => PruningSchedule;

const makers = new Map<string, PruningScheduleMaker>();

/**
 * Registers a schedule by name, so that a saved model finds it again.
 *
 * When TensorFlow.js saves a model it rewrites keys between camelCase and snake_case, and string values likewise: keep
 * to numbers, booleans, arrays and camelCase keys in the config, and put a string only under the key `name`.
 *
 * @param className Letters and digits only, for the same reason.
 * @throws TfmotError `invalid-schedule` for any other name.
 */
export function registerPruningSchedule(className: string, fromConfig: PruningScheduleMaker): void {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(className)) {
    throw new TfmotError(
      'invalid-schedule',
      `The class name of a schedule must consist of letters and digits, because other characters do not survive saving, but got '${className}'.`,
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

/** Whether `value` has the three methods of a schedule. */
export function isPruningSchedule(value: unknown): value is PruningSchedule {
  const like = value as Partial<PruningSchedule> | null | undefined;
  return (
    typeof like?.sparsityAt === 'function' &&
    typeof like.shouldPruneAt === 'function' &&
    typeof like.getConfig === 'function'
  );
}

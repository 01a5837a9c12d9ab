import {TfmotError} from '../../errors.ts';
import {namedOptions} from '../../live/call.ts';
import {checkSparsity} from '../../masks/check-sparsity.ts';
import {show} from '../../show.ts';
import {checkSteps} from './check-steps.ts';
import type {PruningSchedule} from './schedule.ts';

/** Settings of {@link polynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The sparsity at `beginStep`, in [0, 1). */
  readonly initialSparsity: number;
  /** The sparsity from `endStep` on, in [0, 1). */
  readonly finalSparsity: number;
  /** The step at which the ramp starts, counted from 1; 0 works as `frequency` does. */
  readonly beginStep: number;
  /** The step at which the ramp ends; always an update step. */
  readonly endStep: number;
  /** The exponent of the ramp; 3 by default, which prunes fast at first and slowly at the end. */
  readonly power?: number;
  /** Masks are updated every this many steps from `beginStep` on, and at `endStep`; 100 by default. */
  readonly frequency?: number;
}

const NAMES = [
  'initialSparsity',
  'finalSparsity',
  'beginStep',
  'endStep',
  'power',
  'frequency',
] as const satisfies readonly (keyof PolynomialDecayOptions)[];

/**
 * Sparsity that grows from `initialSparsity` to `finalSparsity` as `final + (initial - final) * (1 - progress)^power`
 * (Zhu and Gupta 2017, "To prune, or not to prune"). Computed in float32, as the Python toolkit does.
 *
 * @throws TfmotError `invalid-argument`, `invalid-sparsity`, `invalid-schedule`.
 */
export function polynomialDecay(options: PolynomialDecayOptions): PruningSchedule;
export function polynomialDecay(...given: unknown[]): PruningSchedule {
  const options = namedOptions<PolynomialDecayOptions>('polynomialDecay', NAMES, given);
  const {initialSparsity, finalSparsity, beginStep, endStep, power = 3, frequency = 100} = options;
  checkSparsity('initialSparsity', initialSparsity);
  checkSparsity('finalSparsity', finalSparsity);
  checkSteps(beginStep, endStep, frequency, false);
  if (!(typeof power === 'number' && power > 0 && power < Number.POSITIVE_INFINITY)) {
    throw new TfmotError('invalid-schedule', `power must be a positive number, but got ${show(power)}.`);
  }
  const f32 = Math.fround;
  const drop = f32(initialSparsity - finalSparsity);
  return Object.freeze({
    sparsityAt: (step: number) => {
      if (step >= endStep) return finalSparsity;
      if (step <= beginStep) return initialSparsity;
      const progress = f32(f32(step - beginStep) / f32(endStep - beginStep));
      return f32(f32(finalSparsity) + f32(drop * f32(f32(1 - progress) ** power)));
    },
    shouldPruneAt: (step: number) =>
      step >= beginStep && step <= endStep && (step === endStep || (step - beginStep) % frequency === 0),
    getConfig: () => ({
      className: 'PolynomialDecay',
      config: {initialSparsity, finalSparsity, beginStep, endStep, power, frequency},
    }),
  });
}

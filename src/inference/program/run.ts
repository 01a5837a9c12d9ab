import type {KernelModule} from '../kernels/index.ts';
import type {Program} from './encode.ts';

/**
 * Runs steps `first` to before `end` of a program over `examples` examples.
 *
 * @param at Where its words are in memory.
 */
export function runSteps(
  kernels: KernelModule,
  {steps, counters, frame}: Program,
  at: number,
  [first, end]: readonly [number, number],
  examples: number,
): void {
  kernels.run(at + steps[first]!, at + steps[end]!, examples, at + counters, at + frame);
}

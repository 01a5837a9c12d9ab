import type {Kernels} from '../kernels/index.ts';

/** What a step runs on: the kernels, and their memory as floats and as whole numbers. */
export interface Machine {
  readonly kernels: Kernels;
  readonly floats: Float32Array;
  readonly ints: Int32Array;
}

/** One piece of work over `examples` examples of the batch. */
export type Run = (machine: Machine, examples: number) => void;

import type {Op} from '../graph/ops/index.ts';
import type {WeightFormat} from './kernels/index.ts';
import type {Step} from './lower/lowering.ts';
import {kernelsOf} from './program/instruction.ts';

/** What one op of the model became. */
export interface OpDescription {
  /** Name of the Keras layer. */
  readonly layer: string;
  readonly type: Op['type'] | 'copy';
  /** Kernels it runs, in the order of their first call. */
  readonly kernels: readonly string[];
  /** How its weights are stored, where it multiplies by any. */
  readonly format: WeightFormat | null;
  readonly nonZeros: number;
  /** Bytes of its weights in memory; 0 where it shares those of an earlier op. */
  readonly weightBytes: number;
  /** Multiply-adds done and, for zero weights, not done; for one example. */
  readonly multiplyAdds: number;
  readonly skippedMultiplyAdds: number;
}

/** What an engine is made of. */
export interface EngineDescription {
  readonly variant: 'simd' | 'relaxed';
  /** Examples computed at once. */
  readonly batchSize: number;
  readonly ops: readonly OpDescription[];
  /** All weights as they are stored. */
  readonly weightBytes: number;
  /** Inputs, outputs and everything between, at the peak. */
  readonly activationBytes: number;
  /** The engine's whole WebAssembly memory. */
  readonly memoryBytes: number;
}

/** Time of one op. */
export interface OpProfile extends Pick<OpDescription, 'layer' | 'type'> {
  readonly ms: number;
}

/** The public numbers of a step. */
export function describeStep({instructions, ...description}: Step): OpDescription {
  return {...description, kernels: kernelsOf(instructions)};
}

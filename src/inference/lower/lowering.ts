import type {Op} from '../../graph/ops/index.ts';
import type {Tensor, TensorId, Weight} from '../../graph/tensor.ts';
import type {ChooseFormat} from '../choose.ts';
import type {Kernels, PackedWeights} from '../kernels/index.ts';
import type {Emitter} from '../program/emitter.ts';
import type {Instruction} from '../program/instruction.ts';
import type {Arrangement, Layout, Region, Value} from '../value.ts';

/** What an op became: what it runs, and the numbers `describe` shows. */
export interface Step {
  readonly layer: string;
  /** `copy` in a model without ops. */
  readonly type: Op['type'] | 'copy';
  readonly instructions: Instruction[];
  format: PackedWeights['format'] | null;
  nonZeros: number;
  weightBytes: number;
  /** For one example; skipped are those with a zero weight that are not done. */
  multiplyAdds: number;
  skippedMultiplyAdds: number;
}

/** Bytes to put into memory once, at their region. */
export interface Constant {
  readonly region: Region;
  readonly bytes: Uint8Array;
}

/** Packed weights in memory and the kernel that reads them. */
export interface Placed<K> {
  readonly region: Region;
  readonly kernel: K;
}

/** What packed weights come from. */
export interface WeightSource {
  readonly data: Float32Array;
  /** Packed with them: the same weights with another bias are packed by themselves. */
  readonly bias: Float32Array | null;
  /** Tells apart how the same weights are packed for inputs that lie differently. */
  readonly variant: string;
  /** How often each weight is multiplied for one example. */
  readonly uses: number;
}

/** Where tensors lie: ops ask for their inputs in a layout and for room for their outputs. */
export interface Values {
  /** A tensor in a layout (`any`: as it lies), converted if it lies otherwise. `compact`: without gaps behind rows. */
  read(id: TensorId, layout: Layout | 'any', compact?: boolean): Value;
  /** Room for an output. */
  write(id: TensorId, arrangement: Arrangement): Value;
  /** The output takes the place of an input of the same shape that nobody reads later; null where it cannot. */
  overwrite(id: TensorId, value: Value, input: TensorId): Value | null;
  /** The output is the input under another shape. */
  alias(id: TensorId, value: Value): void;
  /** Room for this step alone. */
  scratch(bytes: number): Region;
}

/** What lies in memory from the start. */
export interface Placement {
  /** A constant in memory; the same array is placed once. */
  constant(data: Float32Array): Region;
  /** A weight in memory as a value, the same for every instance; placed once a layout. */
  constantValue(weight: Weight, layout: 'flat' | 'planes'): Value;
  /** Packed weights in memory, noted in the step; packed once for layers that share them and lie alike. */
  weights<K extends keyof Kernels>(source: WeightSource, total: number, pack: () => PackedWeights<K>): Placed<K>;
}

/** A plan in the making: what an op needs to become kernel calls. */
export interface Lowering extends Emitter, Values, Placement {
  readonly choose: ChooseFormat;
  /** Most bytes of weights and other constants. */
  readonly maxBytes: number;
  tensor(id: TensorId): Tensor;
  /** Instances of a tensor in the whole batch. */
  instancesOf(id: TensorId): number;
}

/** Everything the lowering of a graph found out. */
export interface Lowered {
  readonly steps: readonly Step[];
  /** Regions of activations and scratch, live for some steps. */
  readonly regions: readonly Region[];
  readonly constants: readonly Constant[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly taps: readonly Tap[];
}

/** An inner tensor that lies in graph order right after a step; -1 is before the first. */
export interface Tap {
  readonly tensor: TensorId;
  readonly step: number;
  readonly value: Value;
}

/** How a graph is lowered. */
export interface LoweringOptions {
  /** Examples computed at once. */
  readonly batch: number;
  /** Picks the format of each packed matrix. */
  readonly choose: ChooseFormat;
  /** Most bytes of weights and other constants. */
  readonly maxBytes: number;
  /** Inner tensors to be read where they are written. */
  readonly taps: readonly TensorId[];
}

/** How one op is lowered: one function an op, listed in one table. */
export type Lower<O extends Op> = (op: O, lowering: Lowering) => void;

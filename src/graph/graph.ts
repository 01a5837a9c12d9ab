import type {Op} from './ops/index.ts';
import type {Tensor, TensorId} from './tensor.ts';

/** A tensor the outside world names: an input to give, an output to take. */
export interface Port {
  /** Name of the Keras layer; the second and later outputs of one layer are `name:1`, `name:2`. */
  readonly name: string;
  readonly tensor: TensorId;
}

/**
 * A model ready to run or to export: ops in an order in which every tensor is written before it is read. Everything is
 * channels last, kernels are in the layouts Keras gives them, paddings are explicit, dropout is gone. Plain data:
 * passes return a new graph and leave the old one as it was.
 */
export interface Graph {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly tensors: readonly Tensor[];
  readonly ops: readonly Op[];
  /** Tensors that were to be kept, by their names before anything was folded. */
  readonly kept?: readonly Port[];
  /**
   * The first nodes of a file that no op stands for, where its graph was cut before them; what follows is missing too.
   */
  readonly left?: readonly LeftNode[];
}

/** A node of a model's file that its graph lacks. */
export interface LeftNode {
  readonly name: string;
  /** Its kind, as the file calls it. */
  readonly op: string;
  /** Why, as a sentence about it. */
  readonly reason: string;
}

import type {TensorId} from '../../../graph/tensor.ts';
import type {SPARSE_VECTORS, TensorType} from '../schema.ts';
import type {OperatorName} from '../schema-operators.ts';

/** A file in the making, as plain data: tensors and operators refer to tensors by their index. */
export interface FileModel {
  readonly tensors: readonly FileTensor[];
  /** In an order in which every tensor is written before it is read. */
  readonly operators: readonly FileOperator[];
  readonly inputs: readonly FilePort[];
  readonly outputs: readonly FilePort[];
}

/** An input or output of the file, by the name that programs ask for. */
export interface FilePort {
  readonly name: string;
  readonly tensor: number;
}

/** Elements of a constant: as many as its shape has, or of a sparse one those that are stored. float16 as its bits. */
export type Content = Float32Array | Int32Array | Int8Array | Uint16Array;

/**
 * What a constant is to the operators that read it, which settles how it may be stored: the weights of a weighted
 * operator, its bias, rows to look up, a tensor like any computed one, or whole numbers such as shapes and axes.
 */
export type ConstantRole = 'bias' | 'integers' | 'kernel' | 'operand' | 'table';

export interface FileTensor {
  readonly name: string;
  /** The batch included. */
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** What the operators compute from, or null for what they compute. */
  readonly constant: Constant | null;
  readonly quantization: Quantization | null;
  /** Kept from one call to the next, zeros at first: the state of a fused recurrent operator. */
  readonly isVariable: boolean;
  /** The tensor of the legalised graph that it holds; null for what operators compute on the way. */
  readonly source: TensorId | null;
}

export interface Constant {
  readonly role: ConstantRole;
  /** Row-major. */
  readonly content: Content;
  /** Dimension of a kernel along which its output channels lie. */
  readonly channels: number;
  /** How the content lies where zeros are left out; null when all elements are stored. */
  readonly sparsity: Sparsity | null;
}

/** `real = scales[i] * (stored - zeroPoints[i])`, `i` along `dimension` where there is more than one. */
export interface Quantization {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly dimension: number;
}

/** Rows of blocks along the last dimension: per row the blocks that are stored, by their place. */
export interface Sparsity {
  /** Elements of a block, 1 for single elements. */
  readonly block: number;
  /** Rows are counted over all dimensions but the last: one more number than rows. */
  readonly segments: Whole;
  readonly indices: Whole;
}

/** Whole numbers in the narrowest of the types there are. */
export interface Whole {
  readonly type: keyof typeof SPARSE_VECTORS;
  readonly values: Int32Array;
}

/** Values of the options by the names of the schema; absent ones are what the format has where they are absent. */
export type Options = Readonly<Record<string, boolean | number | readonly number[]>>;

export interface FileOperator {
  readonly name: OperatorName;
  /** -1 is an input that is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: Options;
  /** Layer of the model it comes from, for messages. */
  readonly layer: string;
}

import {TfmotError} from '../errors.ts';
import type {Shape} from '../graph/tensor.ts';

/** Numbers the engine takes; all are computed with as 32-bit floats. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

/** What a `tf.Tensor` shows of itself: enough to read it and to make another, without importing TensorFlow.js. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  data(): Promise<ArrayLike<number>>;
  buffer(): Promise<object>;
}

/** One input or output: a typed array of one or more examples, or a tensor with the batch as its first dimension. */
export type Sample = NumberArray | TensorLike;

/** A `tf.TensorBuffer`, whose class makes tensors of any shape. */
interface TensorBuffer {
  readonly constructor: new (shape: number[], dtype: string, values: Float32Array) => {toTensor(): TensorLike};
}

/** Whether a value is a tensor by what it has, whichever copy of TensorFlow.js made it. */
export function isTensor(value: unknown): value is TensorLike {
  const tensor = value as Partial<TensorLike> | null;
  return typeof tensor === 'object' && typeof tensor?.data === 'function' && Array.isArray(tensor.shape);
}

/** Whether a value is an `ArrayBuffer`, of this realm or another. */
export function isBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

/** Whether a value is a typed array of plain numbers. */
export function isNumberArray(value: unknown): value is NumberArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && !/^Big/.test(value.constructor.name);
}

/**
 * Makes tensors of the kind the caller gave: by the class of the buffer that tensor hands out.
 *
 * @throws TfmotError `invalid-input` for a tensor that hands out none.
 */
export async function tensorMaker(
  like: TensorLike,
): Promise<(values: Float32Array, shape: readonly number[]) => TensorLike> {
  const buffer = typeof like.buffer === 'function' ? ((await like.buffer()) as TensorBuffer) : null;
  if (buffer === null || typeof (buffer as {toTensor?: unknown}).toTensor !== 'function') {
    throw new TfmotError(
      'invalid-input',
      'A tensor must be a tf.Tensor, whose buffer() makes tensors. Give typed arrays instead.',
    );
  }
  const {constructor: Buffer} = buffer;
  return (values, shape) => new Buffer([...shape], 'float32', values).toTensor();
}

/** How many examples a sample holds, checked against the shape of one. */
export function examplesIn(sample: unknown, name: string, shape: Shape): number {
  const size = shape.reduce((product, length) => product * length, 1);
  if (isNumberArray(sample)) {
    if (sample.length > 0 && sample.length % size === 0) return sample.length / size;
    throw new TfmotError(
      'invalid-input',
      `Input '${name}' must hold ${size} numbers an example ([${shape}]), but has ${sample.length}.`,
    );
  }
  if (!isTensor(sample)) {
    const given = sample === null ? 'null' : Array.isArray(sample) ? 'a plain array' : typeof sample;
    throw new TfmotError(
      'invalid-input',
      `Input '${name}' must be a typed array or a tensor, but is ${given}. Plain arrays go by name: {'${name}': ...}.`,
    );
  }
  if (sample.dtype !== 'float32' && sample.dtype !== 'int32') {
    throw new TfmotError(
      'invalid-input',
      `Input '${name}' must be of dtype float32 or int32, but is ${sample.dtype}. Cast it first.`,
    );
  }
  const [examples, ...rest] = sample.shape;
  if (
    examples === undefined ||
    examples < 1 ||
    rest.length !== shape.length ||
    rest.some((length, i) => length !== shape[i])
  ) {
    throw new TfmotError(
      'invalid-input',
      `Input '${name}' must have the shape [batch${shape.map(length => `, ${length}`).join('')}], but has [${sample.shape}].`,
    );
  }
  return examples;
}

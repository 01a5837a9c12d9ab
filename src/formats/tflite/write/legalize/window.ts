import {LINEAR} from '../../../../graph/ops/activation.ts';
import type {Conv2dTransposeOp} from '../../../../graph/ops/convolution.ts';
import type {PadOp} from '../../../../graph/ops/pad.ts';
import {imagePad} from '../../../../graph/ops/pad.ts';
import type {Pool2dOp} from '../../../../graph/ops/pooling.ts';
import type {Padding, Shape, TensorId} from '../../../../graph/tensor.ts';
import {NO_PADDING, sizeOf} from '../../../../graph/tensor.ts';
import {equalPadding, samePadding} from '../emit/padding.ts';
import type {Rule, Speller} from './speller.ts';

/** The lowest of all floats: it stands where a maximum must not see anything. */
const LOWEST = -3.4028234663852886e38;

/** Padded places count for neither kind, which operators know of `SAME` alone. */
export const pool2dRule: Rule<Pool2dOp> = (op, [x], speller) => {
  const {emit, merge, constant, shape} = speller;
  const window = {span: op.size, strides: op.strides};
  if (equalPadding(op.padding, NO_PADDING) || equalPadding(op.padding, samePadding(shape(x!), window))) return null;
  const value = op.kind === 'max' ? LOWEST : 0;
  const pooled = emit({...op, padding: NO_PADDING}, emit({...imagePad(op.padding), value}, x!));
  if (op.kind === 'max') return [pooled];
  const [height, width] = shape(pooled) as [number, number];
  const inside = insideOf(op, shape(x!), height, width);
  return [merge('multiply', pooled, constant(inside, [height, width, 1]))];
};

/** Places of each window over those that lie in the image. */
function insideOf(
  {size, strides, padding}: Pick<Pool2dOp, 'size' | 'strides' | 'padding'>,
  image: Shape,
  height: number,
  width: number,
) {
  const covered = (at: number, axis: 0 | 1, before: number): number => {
    const first = at * strides[axis] - before;
    return Math.min(image[axis]!, first + size[axis]) - Math.max(0, first);
  };
  return Float32Array.from({length: height * width}, (_, i) => {
    const rows = covered(Math.floor(i / width), 0, padding.top);
    return (size[0] * size[1]) / (rows * covered(i % width, 1, padding.left));
  });
}

/** The operator cuts off nothing, or what `SAME` cuts; all else is cut off, or put on, behind it. */
export const conv2dTransposeRule: Rule<Conv2dTransposeOp> = (op, [x], speller) => {
  const {emit, activate, merge, constant, shape} = speller;
  if (op.activation.type !== 'linear') return [activate(op.activation, emit({...op, activation: LINEAR}, x!))];
  const {padding} = op;
  if (equalPadding(padding, NO_PADDING) || equalPadding(padding, cutBySame(op, shape(x!)))) return null;
  // What is put on holds the bias alone, so that comes last.
  const full = emit({...op, padding: NO_PADDING, bias: null}, x!);
  const {top, bottom, left, right} = padding;
  const fitted = emit(imagePad({top: -top, bottom: -bottom, left: -left, right: -right}), full);
  return [op.bias === null ? fitted : merge('add', fitted, constant(op.bias.data))];
};

/** What the operator cuts off with `SAME`: the input of an output of that size would have had it around. */
function cutBySame(
  {kernel, strides, padding}: Pick<Conv2dTransposeOp, 'kernel' | 'strides' | 'padding'>,
  input: Shape,
): Padding {
  const along = (axis: 0 | 1, total: number): [number, number] => {
    const output = (input[axis]! - 1) * strides[axis] + kernel.shape[axis]! - total;
    if (Math.ceil(output / strides[axis]) !== input[axis] || total < 0) return [-1, -1];
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  };
  const [top, bottom] = along(0, padding.top + padding.bottom);
  const [left, right] = along(1, padding.left + padding.right);
  return {top, bottom, left, right};
}

/** What is cut off is cut off first. */
export const padRule: Rule<PadOp> = (op, [x], {emit, shape}) => {
  if (![...op.before, ...op.after].some(places => places < 0)) return null;
  const begin = op.before.map(places => Math.max(0, -places));
  const size = shape(x!).map((places, axis) => places - begin[axis]! - Math.max(0, -op.after[axis]!));
  const cut = emit({type: 'slice', begin, size, strides: begin.map(() => 1)}, x!);
  const [before, after] = [op.before, op.after].map(list => list.map(places => Math.max(0, places)));
  return [
    sizeOf([...before!, ...after!].map(places => (places === 0 ? 1 : 0))) === 1
      ? cut
      : padded(op, before!, after!, cut, emit),
  ];
};

function padded(
  op: Omit<PadOp, 'layer' | 'inputs' | 'outputs'>,
  before: Shape,
  after: Shape,
  x: TensorId,
  emit: Speller['emit'],
): TensorId {
  return emit({...op, before, after}, x);
}

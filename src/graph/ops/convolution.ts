import type {Padding, Shape, Weight} from '../tensor.ts';
import type {Activation} from './activation.ts';
import type {OpBase, ShapeRule} from './op.ts';

/** What every sliding window has, `[vertical, horizontal]`. */
interface Window {
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Explicit and never negative; what `same` means is settled at import. */
  readonly padding: Padding;
}

/**
 * Cross-correlation of `[h, w, in]` with a kernel `[kh, kw, in / groups, out]`; a conv1d is one of height 1. Group `g`
 * of the outputs, `out / groups` in a row, sees group `g` of the inputs alone.
 */
export interface Conv2dOp extends OpBase, Window {
  readonly type: 'conv2d';
  /** Divides inputs and outputs; 1 for an ordinary convolution. */
  readonly groups: number;
  readonly kernel: Weight;
  /** `[out]` */
  readonly bias: Weight | null;
  readonly activation: Activation;
}

/** Each channel with its own kernels, `[kh, kw, in, multiplier]`; output channel = `channel * multiplier + m`. */
export interface DepthwiseConv2dOp extends OpBase, Window {
  readonly type: 'depthwise-conv2d';
  readonly kernel: Weight;
  /** `[in * multiplier]` */
  readonly bias: Weight | null;
  readonly activation: Activation;
}

/**
 * Each input pixel adds `kernel[kh, kw, out, in]` times itself at `strides` times its place; then `padding` is cut off
 * the result (negative: a zero row or column is put on).
 */
export interface Conv2dTransposeOp extends OpBase {
  readonly type: 'conv2d-transpose';
  readonly kernel: Weight;
  /** `[out]` */
  readonly bias: Weight | null;
  readonly strides: readonly [number, number];
  readonly padding: Padding;
  readonly activation: Activation;
}

/**
 * Most that a window may span, step or be padded by along one dimension. The kernels count in signed 32-bit numbers,
 * and add a few of these at a time.
 */
const MAX_EXTENT = 2 ** 28;

/**
 * Outputs of a window of `size` taps along one dimension.
 *
 * @throws Error when a number is too large for any kernel.
 */
function windowOutputs(input: number, padding: number, size: number, dilation: number, stride: number): number {
  const span = (size - 1) * dilation + 1;
  for (const [what, extent] of [
    ['span', span],
    ['stride', stride],
    ['padding', padding],
  ] as const) {
    if (!(extent <= MAX_EXTENT)) throw new Error(`its ${what} of ${extent} places exceeds ${MAX_EXTENT}`);
  }
  return Math.floor((input + padding - span) / stride) + 1;
}

/**
 * Output height and width of a window over `[h, w, ...]`.
 *
 * @throws Error when a number is too large for any kernel.
 */
export function slide(window: Window, size: readonly [number, number], input: Shape): [number, number] {
  const [height, width] = input as [number, number];
  const {strides, dilations, padding} = window;
  return [
    windowOutputs(height, padding.top + padding.bottom, size[0], dilations[0], strides[0]),
    windowOutputs(width, padding.left + padding.right, size[1], dilations[1], strides[1]),
  ];
}

export const conv2dRule: ShapeRule<Conv2dOp> = (op, [input]) => {
  const [kh, kw, each, filters] = op.kernel.shape as [number, number, number, number];
  const channels = each * op.groups;
  if (input!.length !== 3 || input![2] !== channels)
    throw new Error(`a kernel of ${channels} input channels needs an input [height, width, ${channels}]`);
  if (filters % op.groups !== 0) throw new Error(`${filters} filters do not come in ${op.groups} groups`);
  return [[...slide(op, [kh, kw], input!), filters]];
};

export const depthwiseConv2dRule: ShapeRule<DepthwiseConv2dOp> = (op, [input]) => {
  const [kh, kw, channels, multiplier] = op.kernel.shape as [number, number, number, number];
  if (input!.length !== 3 || input![2] !== channels)
    throw new Error(`a depthwise kernel of ${channels} channels needs an input [height, width, ${channels}]`);
  return [[...slide(op, [kh, kw], input!), channels * multiplier]];
};

export const conv2dTransposeRule: ShapeRule<Conv2dTransposeOp> = (op, [input]) => {
  const [kh, kw, filters, channels] = op.kernel.shape as [number, number, number, number];
  if (input!.length !== 3 || input![2] !== channels)
    throw new Error(`a kernel of ${channels} input channels needs an input [height, width, ${channels}]`);
  const [height, width] = input as [number, number];
  const {top, bottom, left, right} = op.padding;
  return [[(height - 1) * op.strides[0] + kh - top - bottom, (width - 1) * op.strides[1] + kw - left - right, filters]];
};

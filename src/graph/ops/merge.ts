import type {Shape} from '../tensor.ts';
import type {Activation} from './activation.ts';
import type {OpBase, ShapeRule} from './op.ts';

/** Element by element over two or more inputs, from left to right; sizes of 1 are stretched, ranks aligned right. */
export interface MergeOp extends OpBase {
  readonly type: 'merge';
  readonly kind:
    | 'add'
    | 'average'
    | 'divide'
    | 'maximum'
    | 'minimum'
    | 'multiply'
    | 'power'
    | 'squared-difference'
    | 'subtract';
  readonly activation: Activation;
}

/** Inputs one after the other along `axis` (0 is the first dimension after the batch). */
export interface ConcatOp extends OpBase {
  readonly type: 'concat';
  readonly axis: number;
}

/**
 * Sum of products along `axes[0]` of the first and `axes[1]` of the second input (0 is the first dimension after the
 * batch); the other dimensions of the first, then of the second, remain. `normalize` divides both by their length along
 * that axis first.
 */
export interface DotOp extends OpBase {
  readonly type: 'dot';
  readonly axes: readonly [number, number];
  readonly normalize: boolean;
}

/** The common shape two shapes are stretched to. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({length: rank}, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`[${a}] and [${b}] cannot be merged element by element`);
    return x === 1 ? y : x;
  });
}

export const mergeRule: ShapeRule<MergeOp> = (_op, inputs) => [inputs.reduce(broadcastShapes)];

export const concatRule: ShapeRule<ConcatOp> = (op, inputs) => {
  const first = inputs[0]!;
  for (const shape of inputs) {
    if (shape.length !== first.length || shape.some((size, axis) => axis !== op.axis && size !== first[axis]))
      throw new Error(`[${first}] and [${shape}] differ off the axis they are joined along`);
  }
  return [first.map((size, axis) => (axis === op.axis ? inputs.reduce((sum, shape) => sum + shape[axis]!, 0) : size))];
};

export const dotRule: ShapeRule<DotOp> = (op, [a, b]) => {
  if (a![op.axes[0]] !== b![op.axes[1]]) throw new Error(`[${a}] and [${b}] differ along the axes to sum over`);
  const rest = [...a!.filter((_, i) => i !== op.axes[0]), ...b!.filter((_, i) => i !== op.axes[1])];
  return [rest.length === 0 ? [1] : rest];
};

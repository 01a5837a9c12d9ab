import type {Padding, Shape} from '../tensor.ts';
import type {OpBase, ShapeRule} from './op.ts';

/**
 * Places put on before and after each dimension; negative numbers cut places off, before any are put on. What stands in
 * them: `value` (`constant`), or the input in a mirror whose edge is not repeated (`reflect`) or is (`symmetric`).
 */
export interface PadOp extends OpBase {
  readonly type: 'pad';
  /** One number a dimension. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly mode: 'constant' | 'reflect' | 'symmetric';
  /** Of mode `constant`. */
  readonly value: number;
}

export const padRule: ShapeRule<PadOp> = ({before, after, mode}, [input]) => {
  if (before.length !== input!.length || after.length !== input!.length)
    throw new Error(`padding of ${before.length} dimensions does not fit an input of ${input!.length}`);
  const mirrored = mode === 'reflect' ? 1 : 0;
  return [
    input!.map((size, axis) => {
      const [first, last] = [before[axis]!, after[axis]!];
      const left = size + Math.min(0, first) + Math.min(0, last);
      if (mode !== 'constant' && Math.max(first, last) > left - mirrored)
        throw new Error(`a mirror of ${left} places does not fill ${Math.max(first, last)}`);
      return left < 1 ? left : size + first + last;
    }),
  ];
};

/** Zeros around (or rows and columns off) an image `[height, width, channels]`. */
export function imagePad({top, bottom, left, right}: Padding): Omit<PadOp, keyof OpBase> {
  return {type: 'pad', before: [top, left, 0], after: [bottom, right, 0], mode: 'constant', value: 0};
}

/** The padding of an image that an op puts zeros around or crops; null for any other. */
export function imagePaddingOf({before, after, mode, value}: PadOp): Padding | null {
  if (mode !== 'constant' || value !== 0 || before.length !== 3 || before[2] !== 0 || after[2] !== 0) return null;
  const [top, left] = before as Shape as [number, number];
  const [bottom, right] = after as Shape as [number, number];
  return {top, bottom, left, right};
}

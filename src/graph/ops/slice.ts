import type {OpBase, ShapeRule} from './op.ts';

/** Part of a tensor: along each dimension `size` places from `begin`, every `strides`-th. */
export interface SliceOp extends OpBase {
  readonly type: 'slice';
  readonly begin: readonly number[];
  /** Places of the output. */
  readonly size: readonly number[];
  /** 1 or more. */
  readonly strides: readonly number[];
}

export const sliceRule: ShapeRule<SliceOp> = ({begin, size, strides}, [input]) => {
  if ([begin, size, strides].some(({length}) => length !== input!.length))
    throw new Error(`a slice of ${begin.length} dimensions does not fit an input of ${input!.length}`);
  const outside = input!.findIndex(
    (length, axis) =>
      begin[axis]! < 0 || strides[axis]! < 1 || begin[axis]! + (size[axis]! - 1) * strides[axis]! >= length,
  );
  if (outside >= 0) throw new Error(`along dimension ${outside} the slice reaches out of the input`);
  return [size];
};

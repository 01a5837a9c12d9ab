import {reshaped, sliced} from '../../fold/arrange.ts';
import {inputOf, integersInput, misfit, numberOption, type OperatorCall, type OperatorImporter} from './operator.ts';

/** Where a part lies along each dimension, and what its shape becomes. */
interface Part {
  readonly begin: number[];
  readonly size: number[];
  readonly strides: number[];
  readonly target: number[];
}

/** The kinds of entry that a mask names. */
const MASKS = ['beginMask', 'endMask', 'ellipsisMask', 'newAxisMask', 'shrinkAxisMask'] as const;
/** Masks have as many bits that count. */
const MAX_ENTRIES = 31;

/** Inputs: value, begins, ends, strides, as NumPy has them. */
export const stridedSlice: OperatorImporter = call => {
  const value = inputOf(call, 0);
  const {begin, size, strides, target} = partOf(call, value.shape);
  return [reshaped(call.at, sliced(call.at, value, begin, size, strides), target)];
};

function partOf(call: OperatorCall, shape: readonly number[]): Part {
  const [begins, ends, steps] = [1, 2, 3].map(index => integersInput(call, index)) as [number[], number[], number[]];
  if (ends.length !== begins.length || steps.length !== begins.length || begins.length > MAX_ENTRIES)
    throw misfit(call, `slices from [${begins}] to [${ends}] by [${steps}].`);
  const marks = (i: number) => MASKS.map(name => ((numberOption(call, name) >> i) & 1) === 1);
  const part: Part = {begin: [], size: [], strides: [], target: []};
  const takes = begins.map((_, i) => marks(i)).filter(([, , ellipsis, newAxis]) => !ellipsis && !newAxis).length;
  if (takes > shape.length) throw misfit(call, `has ${takes} entries for an input [${shape}].`);
  let left = takes;
  begins.forEach((_, i) => {
    const [fromStart, toEnd, ellipsis, newAxis, shrink] = marks(i);
    if (ellipsis) while (part.begin.length < shape.length - left) takeAll(part, shape);
    else if (newAxis) part.target.push(1);
    else {
      left--;
      const length = shape[part.begin.length]!;
      const step = shrink ? 1 : steps[i]!;
      if (step === 0) throw misfit(call, 'has a stride of 0.');
      const begin = fromStart && !shrink ? (step > 0 ? 0 : length - 1) : place(begins[i]!, length, step);
      const end = shrink ? begin + 1 : toEnd ? (step > 0 ? length : -1) : place(ends[i]!, length, step);
      const size = Math.max(0, Math.ceil((end - begin) / step));
      part.begin.push(begin);
      part.size.push(size);
      part.strides.push(step);
      if (!shrink) part.target.push(size);
    }
  });
  while (part.begin.length < shape.length) takeAll(part, shape);
  return part;
}

function takeAll({begin, size, strides, target}: Part, shape: readonly number[]): void {
  const length = shape[begin.length]!;
  begin.push(0);
  size.push(length);
  strides.push(1);
  target.push(length);
}

/** A begin or end, from the end where negative, and not beyond either end. */
function place(given: number, length: number, step: number): number {
  const at = given < 0 ? given + length : given;
  return step > 0 ? Math.min(length, Math.max(0, at)) : Math.min(length - 1, Math.max(-1, at));
}

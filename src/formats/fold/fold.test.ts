import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createBuilder} from '../../graph/builder.ts';
import {sizeOf} from '../../graph/tensor.ts';
import {expanded, gathered, joined, padded, parted, reshaped, sliced, squeezed, tiled, transposed} from './arrange.ts';
import {rangeOf} from './arranged.ts';
import {multiplied, reduced, softmaxed} from './compute.ts';
import {clipped, mapped, merged, selected, sloped, summed} from './elementwise.ts';
import {flowInto, type Site} from './site.ts';
import {constantOf, innerShape, type Value} from './value.ts';

/** A site, with a tensor of a shape. */
function siteWith(...shapes: readonly number[][]): {at: Site; tensors: Value[]} {
  const builder = createBuilder();
  const tensors = shapes.map((shape, i): Value => {
    const id = builder.input(`x${i}`, innerShape(shape));
    return {kind: 'tensor', id, shape, numbers: 'float'};
  });
  return {at: {...flowInto(builder), name: 'n', op: 'Op'}, tensors};
}

const ramp = (shape: readonly number[]): Value =>
  constantOf(
    'c',
    shape,
    Float32Array.from({length: sizeOf(shape)}, (_, i) => i),
  );
const ints = (...numbers: number[]): Value => constantOf('i', [numbers.length], numbers, 'int');
const numbersIn = (value: Value): number[] => (value.kind === 'constant' ? Array.from(value.data) : []);

/** Operations that keep or change a shape, of tensors and of constants alike. */
const OPERATIONS: readonly (readonly [name: string, shape: readonly number[], run: (at: Site, x: Value) => Value])[] = [
  ['reshape', [1, 2, 3, 4], (at, x) => reshaped(at, x, [6, -1])],
  ['reshape to a batch of its own', [1, 2, 3, 4], (at, x) => reshaped(at, x, [-1, 4])],
  ['squeeze all', [1, 2, 1, 4], (at, x) => squeezed(at, x, [])],
  ['expand', [1, 2, 3], (at, x) => expanded(at, x, [0, -1])],
  ['transpose behind the batch', [1, 2, 3, 4], (at, x) => transposed(at, x, [0, 3, 1, 2])],
  ['transpose with the batch', [1, 2, 3], (at, x) => transposed(at, x, [1, 0, 2])],
  ['slice', [1, 5, 4], (at, x) => sliced(at, x, [0, 1, 0], [1, 2, 4], [1, 2, 1])],
  ['slice to one', [3, 4], (at, x) => sliced(at, x, [1, 0], [1, 4], [1, 1])],
  ['pick in order', [1, 5, 4], (at, x) => gathered(at, x, ints(1, 3), 1)],
  ['pick out of order', [1, 5, 4], (at, x) => gathered(at, x, ints(3, 0, 4), 1)],
  ['pick one', [1, 5, 4], (at, x) => gathered(at, x, constantOf('i', [], [-1], 'int'), 1)],
  ['pick many', [1, 12, 2], (at, x) => gathered(at, x, ints(9, 1, 2, 8, 3, 0, 4, 7, 11, 5), 1)],
  ['repeat', [1, 2, 3], (at, x) => tiled(at, x, [1, 2, 1])],
  ['reduce the batch', [1, 2, 3], (at, x) => reduced(at, 'sum', x, [0], false)],
  ['reduce', [1, 2, 3], (at, x) => reduced(at, 'mean', x, [-1], true)],
  ['join', [1, 2, 3], (at, x) => joined(at, [x, x], 2)],
  ['join examples', [1, 3], (at, x) => joined(at, [x, x, x], 0)],
  ['part', [1, 6], (at, x) => parted(at, x, 1, [1, 2, 3])[2]!],
];

describe('what is computed has the shape that constants fold to', () => {
  test.each(OPERATIONS)('%s', (_, shape, run) => {
    const {at, tensors} = siteWith([...shape]);
    const flowing = run(at, tensors[0]!);
    const folded = run(at, ramp(shape));
    expect(flowing.kind).toBe('tensor');
    expect(folded.kind).toBe('constant');
    expect(flowing.shape).toEqual(folded.shape);
    if (flowing.kind === 'tensor') expect(at.builder.tensor(flowing.id).shape).toEqual(innerShape(flowing.shape));
  });
});

test('constants fold to the numbers of their definitions', () => {
  const {at} = siteWith();
  expect(numbersIn(transposed(at, ramp([2, 3]), [1, 0]))).toEqual([0, 3, 1, 4, 2, 5]);
  expect(numbersIn(sliced(at, ramp([5]), [4], [3], [-2]))).toEqual([4, 2, 0]);
  expect(numbersIn(joined(at, [ramp([2, 1]), ramp([2, 2])], 1))).toEqual([0, 0, 1, 1, 2, 3]);
  expect(numbersIn(gathered(at, ramp([2, 2]), ints(1, 0), 1))).toEqual([1, 0, 3, 2]);
  expect(numbersIn(tiled(at, ramp([2]), [3]))).toEqual([0, 1, 0, 1, 0, 1]);
  expect(numbersIn(reduced(at, 'product', ints(2, 3, 4), [0], false))).toEqual([24]);
  expect(numbersIn(merged(at, 'divide', ints(-7), ints(2)))).toEqual([-3]);
  expect(numbersIn(merged(at, 'floor-divide', ints(-7), ints(2)))).toEqual([-4]);
  expect(numbersIn(merged(at, 'modulo', ints(-7), ints(4)))).toEqual([1]);
  expect(numbersIn(mapped(at, 'round', constantOf('c', [4], [0.5, 1.5, -0.5, 2.4])))).toEqual([0, 2, 0, 2]);
  expect(numbersIn(selected(at, ints(1, 0), ints(5, 6), ints(7, 8)))).toEqual([5, 8]);
  expect(numbersIn(rangeOf('r', 3, -3, -2, 10))).toEqual([3, 1, -1]);
  expect(numbersIn(clipped(at, ints(-2, 9), 0, 6))).toEqual([0, 6]);
  expect(numbersIn(summed(at, [ints(1), ints(2), ints(3)]))).toEqual([6]);
});

test('numbers merge as they are stretched, whatever their shapes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({min: 1, max: 3}), fc.boolean(), fc.boolean()), {maxLength: 4}), sizes => {
      const shape = sizes.map(([size]) => size);
      const [a, b] = [1, 2].map(side => sizes.map(axis => (axis[side] ? 1 : axis[0]))) as [number[], number[]];
      const {at, tensors} = siteWith(a, b);
      const sum = merged(at, 'add', ramp(a), ramp(b));
      const flowing = merged(at, 'add', tensors[0]!, tensors[1]!);
      expect(flowing.shape).toEqual(sum.shape);
      const common = shape.map((_, axis) => Math.max(a[axis]!, b[axis]!));
      expect(sum.shape).toEqual(common);
      expect(numbersIn(sum).length).toBe(sizeOf(common));
    }),
  );
});

test('what cannot be is refused by name', () => {
  const {at, tensors} = siteWith([1, 2, 3]);
  const [x] = tensors as [Value];
  const refusals: (() => unknown)[] = [
    () => reshaped(at, x, [7]),
    () => transposed(at, x, [0, 0, 1]),
    () => sliced(at, x, [0, 0, 0], [1, 2, 9], [1, 1, 1]),
    () => sliced(at, x, [0, 1, 0], [1, 2, 3], [1, -1, 1]),
    () => joined(at, [], 0),
    () => joined(at, [x, ramp([1, 3, 3])], 2),
    () => parted(at, x, 1, [1]),
    () => gathered(at, x, ints(2), 1),
    () => padded(at, x, {before: [0], after: [0], mode: 'constant', value: 0}),
    () => merged(at, 'add', x, ramp([4])),
    () => sloped(at, x, ramp([2])),
    () => softmaxed(at, x, 3, false),
    () => reduced(at, 'max', x, [5], false),
    () => multiplied(at, ramp([3]), x, false, false),
    () => mapped(at, 'round', x),
  ];
  for (const refusal of refusals) expect(refusal, String(refusal)).toThrow(/Op 'n' \(Op\)/);
});

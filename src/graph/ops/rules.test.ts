import {describe, expect, test} from 'vitest';
import {createBuilder} from '../builder.ts';
import type {Shape} from '../tensor.ts';
import type {Op} from './index.ts';
import type {Attributes} from './op.ts';

const constant = (...shape: number[]): Attributes<Op> => ({
  type: 'constant',
  value: {name: 'c', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1))},
});
const pad = (before: number[], after: number[], mode: 'constant' | 'reflect' | 'symmetric'): Attributes<Op> => ({
  ...{type: 'pad', before, after, mode, value: 0},
});
const slice = (begin: number[], size: number[], strides: number[]): Attributes<Op> => ({
  ...{type: 'slice', begin, size, strides},
});
const reduce = (axes: number[], keepDims: boolean): Attributes<Op> => ({type: 'reduce', kind: 'sum', axes, keepDims});
const matmul = (transposeA: boolean, transposeB: boolean): Attributes<Op> => ({
  ...{type: 'matmul', transposeA, transposeB},
});

describe('shapes that ops give', () => {
  test.each<[Attributes<Op>, Shape[], Shape | RegExp]>([
    [constant(2, 3), [], [2, 3]],
    [pad([1, 0], [0, -2], 'constant'), [[3, 4]], [4, 2]],
    [pad([2, 0], [2, 0], 'reflect'), [[3, 4]], [7, 4]],
    [pad([3, 0], [0, 0], 'reflect'), [[3, 4]], /mirror of 3/],
    [pad([3, 0], [0, 0], 'symmetric'), [[3, 4]], [6, 4]],
    [pad([4, 0], [0, 0], 'symmetric'), [[3, 4]], /mirror of 3/],
    [pad([1], [0], 'constant'), [[3, 4]], /does not fit/],
    [pad([-2, 0], [-1, 0], 'constant'), [[3, 4]], /too small/],
    [slice([1, 0], [2, 2], [1, 3]), [[3, 4]], [2, 2]],
    [slice([1, 0], [3, 2], [1, 1]), [[3, 4]], /dimension 0/],
    [slice([0, 1], [3, 2], [1, 3]), [[3, 4]], /dimension 1/],
    [slice([0, -1], [3, 2], [1, 1]), [[3, 4]], /dimension 1/],
    [reduce([1], false), [[3, 4, 5]], [3, 5]],
    [reduce([0, 2], true), [[3, 4, 5]], [1, 4, 1]],
    [reduce([2, 0], true), [[3, 4, 5]], /in order/],
    [reduce([3], true), [[3, 4, 5]], /3 dimensions/],
    [reduce([], true), [[3, 4, 5]], /axes/],
    [
      matmul(false, false),
      [
        [2, 3, 4],
        [4, 5],
      ],
      [2, 3, 5],
    ],
    [
      matmul(true, true),
      [
        [2, 4, 3],
        [1, 5, 4],
      ],
      [2, 3, 5],
    ],
    [
      matmul(false, true),
      [
        [3, 4],
        [4, 5],
      ],
      /4 columns and of 5 rows/,
    ],
    [matmul(false, false), [[3], [3, 1]], /two dimensions/],
  ])('%o of %j', (attributes, shapes, expected) => {
    const builder = createBuilder();
    const inputs = shapes.map((shape, i) => builder.input(`x${i}`, shape));
    const emit = (): Shape => builder.tensor(builder.emit('op', attributes, inputs)[0]!).shape;
    if (expected instanceof RegExp) expect(emit).toThrow(expected);
    else expect(emit()).toEqual(expected);
  });

  test('a convolution in groups sees its own channels', () => {
    const builder = createBuilder();
    const input = builder.input('x', [4, 4, 6]);
    const kernel = {name: 'k', shape: [3, 3, 2, 9], data: new Float32Array(162)};
    const window = {strides: [1, 1], dilations: [1, 1], padding: {top: 0, bottom: 0, left: 0, right: 0}} as const;
    const emit = (groups: number) =>
      builder.emit('c', {type: 'conv2d', groups, kernel, bias: null, activation: {type: 'linear'}, ...window}, [input]);
    expect(builder.tensor(emit(3)[0]!).shape).toEqual([2, 2, 9]);
    expect(() => emit(1)).toThrow(/2 input channels/);
  });

  test('a constant fits any number of time steps', () => {
    const builder = createBuilder();
    const input = builder.input('x', [6, 2]);
    const steps = builder.emit('steps', {type: 'reshape', shape: [2], instances: 6}, [input]);
    const two = builder.emit('two', constant(2), []);
    const merge = {type: 'merge', kind: 'add', activation: {type: 'linear'}} as const;
    const [sum] = builder.emit('sum', merge, [...two, ...steps]);
    expect(builder.tensor(sum!)).toMatchObject({shape: [2], instances: 6});
  });
});

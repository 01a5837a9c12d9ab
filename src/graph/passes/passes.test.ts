import {describe, expect, test} from 'vitest';
import {createBuilder} from '../builder.ts';
import {LINEAR, RELU} from '../ops/activation.ts';
import type {Op, OpOf} from '../ops/index.ts';
import type {Attributes} from '../ops/op.ts';
import type {TensorId} from '../tensor.ts';
import {simplify} from './index.ts';

/** A small language for graphs: what it returns is a tensor. */
function writing() {
  const builder = createBuilder();
  const emit = (attributes: Attributes<Op>, ...inputs: TensorId[]): TensorId =>
    builder.emit('op', attributes, inputs)[0]!;
  const merge = (kind: OpOf<'merge'>['kind'], a: TensorId, b: TensorId): TensorId =>
    emit({type: 'merge', kind, activation: LINEAR}, a, b);
  const constant = (data: number[], shape = data.length === 1 ? [] : [data.length]): TensorId =>
    emit({type: 'constant', value: {name: 'c', shape, data: Float32Array.from(data)}});
  const unary = (type: 'rsqrt' | 'sqrt' | 'square', x: TensorId): TensorId =>
    emit({type: 'activation', activation: {type}}, x);
  const mean = (x: TensorId): TensorId => emit({type: 'reduce', kind: 'mean', axes: [1], keepDims: true}, x);
  const x = builder.input('x', [4, 3]);
  const ops = (output: TensorId): readonly Op[] =>
    simplify(builder.finish([{name: 'x', tensor: x}], [{name: 'y', tensor: output}])).ops;
  return {x, emit, merge, constant, unary, mean, ops};
}

describe('constants in a merge', () => {
  test.each<[string, (w: ReturnType<typeof writing>) => TensorId, object]>([
    [
      'x + c',
      w => w.merge('add', w.x, w.constant([1, 2, 3])),
      {type: 'affine', shift: {data: Float32Array.of(1, 2, 3)}},
    ],
    ['c - x', w => w.merge('subtract', w.constant([5]), w.x), {scale: {data: Float32Array.of(-1, -1, -1)}}],
    ['x - c', w => w.merge('subtract', w.x, w.constant([5])), {shift: {data: Float32Array.of(-5, -5, -5)}}],
    ['x * c', w => w.merge('multiply', w.x, w.constant([2, 4, 8], [1, 3])), {scale: {data: Float32Array.of(2, 4, 8)}}],
    ['x / c', w => w.merge('divide', w.x, w.constant([2, 4, 8])), {scale: {data: Float32Array.of(0.5, 0.25, 0.125)}}],
    ['1 / x', w => w.merge('divide', w.constant([1]), w.x), {type: 'activation', activation: {type: 'reciprocal'}}],
    ['x ^ 2', w => w.merge('power', w.x, w.constant([2])), {activation: {type: 'square'}}],
    ['max(x, 0)', w => w.merge('maximum', w.x, w.constant([0])), {type: 'activation', activation: RELU}],
    [
      'min(max(x, 0), 6)',
      w => w.merge('minimum', w.merge('maximum', w.x, w.constant([0])), w.constant([6])),
      {type: 'activation', activation: {...RELU, maxValue: 6}},
    ],
  ])('%s is one op without a constant', (_name, write, expected) => {
    const w = writing();
    const ops = w.ops(write(w));
    expect(ops).toHaveLength(1);
    expect(ops[0]).toMatchObject(expected);
  });

  test.each<[string, (w: ReturnType<typeof writing>) => TensorId]>([
    ['a row a time step', w => w.merge('add', w.x, w.constant([1, 2, 3, 4], [4, 1]))],
    ['a division by zero', w => w.merge('divide', w.x, w.constant([0, 1, 2]))],
    ['2 / x', w => w.merge('divide', w.constant([2]), w.x)],
    ['2 ^ x', w => w.merge('power', w.constant([2]), w.x)],
    ['min(x, 6)', w => w.merge('minimum', w.x, w.constant([6]))],
    ['a larger constant', w => w.merge('add', w.x, w.constant([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 4, 3]))],
  ])('%s stays', (_name, write) => {
    const w = writing();
    expect(w.ops(write(w)).map(op => op.type)).toEqual(['constant', 'merge']);
  });
});

describe('layer normalisation spelt out', () => {
  const epsilon = Math.fround(1e-3);
  const deviation = (w: ReturnType<typeof writing>) => {
    const mean = w.mean(w.x);
    const centred = w.merge('subtract', w.x, mean);
    return {mean, centred};
  };
  const scaled = (w: ReturnType<typeof writing>, y: TensorId): TensorId =>
    w.merge('add', w.merge('multiply', y, w.constant([2, 3, 4])), w.constant([5, 6, 7]));
  const spellings: [string, (w: ReturnType<typeof writing>) => TensorId][] = [
    [
      '(x - m) / sqrt(mean(square(x - m)) + e)',
      w => {
        const {centred} = deviation(w);
        const variance = w.merge('add', w.mean(w.unary('square', centred)), w.constant([epsilon]));
        return scaled(w, w.merge('divide', centred, w.unary('sqrt', variance)));
      },
    ],
    [
      '(x - m) / ((x - m)^2 ...)^0.5, powers',
      w => {
        const {centred} = deviation(w);
        const variance = w.merge('add', w.mean(w.merge('power', centred, w.constant([2]))), w.constant([epsilon]));
        return scaled(w, w.merge('divide', centred, w.merge('power', variance, w.constant([0.5]))));
      },
    ],
    [
      '(x - m) * rsqrt(mean((x - m) * (x - m)) + e)',
      w => {
        const {centred} = deviation(w);
        const variance = w.merge('add', w.mean(w.merge('multiply', centred, centred)), w.constant([epsilon]));
        return scaled(w, w.merge('multiply', w.unary('rsqrt', variance), centred));
      },
    ],
    [
      'x * (r * gamma) + (beta - m * (r * gamma))',
      w => {
        const {mean} = deviation(w);
        const variance = w.merge('add', w.mean(w.merge('squared-difference', w.x, mean)), w.constant([epsilon]));
        const factor = w.merge('multiply', w.unary('rsqrt', variance), w.constant([2, 3, 4]));
        const rest = w.merge('subtract', w.constant([5, 6, 7]), w.merge('multiply', mean, factor));
        return w.merge('add', w.merge('multiply', w.x, factor), rest);
      },
    ],
  ];
  test.each(spellings)('%s', (_name, write) => {
    const w = writing();
    const ops = w.ops(write(w));
    expect(ops).toHaveLength(1);
    expect(ops[0]).toMatchObject({
      ...{type: 'layer-norm', dimensions: 1, epsilon, inputs: [0]},
      gamma: {data: Float32Array.of(2, 3, 4)},
      beta: {data: Float32Array.of(5, 6, 7)},
    });
  });

  test('a variance of something else is left alone', () => {
    const w = writing();
    const {centred} = deviation(w);
    const variance = w.merge('add', w.mean(w.unary('square', w.x)), w.constant([epsilon]));
    const ops = w.ops(w.merge('divide', centred, w.unary('sqrt', variance)));
    expect(ops.map(op => op.type)).not.toContain('layer-norm');
  });
});

describe('an activation behind reshapes and transposes', () => {
  const turn = {type: 'transpose', permutation: [1, 0]} as const;

  test('goes to the op before them, and they cancel', () => {
    const w = writing();
    const sum = w.merge('add', w.x, w.x);
    const flat = w.emit({type: 'reshape', shape: [12], instances: 1}, w.emit(turn, sum));
    const back = w.emit({type: 'reshape', shape: [3, 4], instances: 1}, w.unary('square', flat));
    const ops = w.ops(w.emit(turn, back));
    expect(ops).toMatchObject([{type: 'merge', activation: {type: 'square'}}]);
  });

  test('stays where others read the same', () => {
    const w = writing();
    const turned = w.emit(turn, w.merge('add', w.x, w.x));
    const ops = w.ops(w.merge('multiply', turned, w.unary('square', turned)));
    expect(ops.map(({type}) => type)).toEqual(['merge', 'transpose', 'activation', 'merge']);
  });
});

describe('a hard swish spelt out', () => {
  const relu6 = {type: 'activation', activation: {...RELU, maxValue: 6}} as const;
  type Writing = ReturnType<typeof writing>;
  const bound = (w: Writing, summand = 3): TensorId => w.emit(relu6, w.merge('add', w.x, w.constant([summand])));
  const sixth = (w: Writing, x: TensorId): TensorId => w.merge('divide', x, w.constant([6]));

  test.each<[string, (w: Writing) => TensorId]>([
    ['x * relu6(x + 3) / 6', w => sixth(w, w.merge('multiply', w.x, bound(w)))],
    ['relu6(x + 3) * x / 6', w => sixth(w, w.merge('multiply', bound(w), w.x))],
    ['x * (relu6(x + 3) / 6)', w => w.merge('multiply', w.x, sixth(w, bound(w)))],
    [
      'x * hardSigmoid(x)',
      w => w.merge('multiply', w.x, w.emit({type: 'activation', activation: {type: 'hard-sigmoid-6'}}, w.x)),
    ],
  ])('%s becomes an activation', (_, write) => {
    const w = writing();
    expect(w.ops(write(w))).toMatchObject([{type: 'activation', activation: {type: 'hard-swish'}}]);
  });

  test('with another summand it is none', () => {
    const w = writing();
    const ops = w.ops(sixth(w, w.merge('multiply', w.x, bound(w, 2))));
    expect(ops.map(({type}) => type)).toEqual(['affine', 'merge', 'affine']);
  });
});

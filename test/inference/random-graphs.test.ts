import {setFlagsFromString} from 'node:v8';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createBuilder} from '../../src/graph/builder.ts';
import {LINEAR} from '../../src/graph/ops/activation.ts';
import {simplify} from '../../src/graph/passes/index.ts';
import type {TensorId} from '../../src/graph/tensor.ts';
import {NO_PADDING, sizeOf} from '../../src/graph/tensor.ts';
import {compile, isTfmotError} from '../../src/inference/index.ts';
import {type Dice, diceOf} from '../../testing/dice.ts';
import {seeded} from '../../testing/seeded.ts';
import {relativeError} from './_compare.ts';
import {type Emit, modelOf, randomWeight} from './_graphs.ts';

setFlagsFromString('--experimental-wasm-relaxed-simd');

/** One more op on some tensor; its results stay within small numbers. */
function grow(emit: Emit, shapeOf: (id: TensorId) => readonly number[], x: TensorId, dice: Dice): TensorId {
  const shape = shapeOf(x);
  const axes = shape.map((_, axis) => axis);
  const some = axes.filter(() => dice.chance(0.5));
  const each = <T>(of: (size: number) => T): T[] => shape.map(of);
  const broadcast = each(size => (dice.chance(0.5) ? size : 1)).slice(dice.whole(0, Math.max(0, shape.length - 1)));
  const constant = (): TensorId => emit({type: 'constant', value: randomWeight(broadcast, dice.whole(1, 99))});
  const kind = dice.pick(['add', 'subtract', 'multiply', 'maximum', 'squared-difference'] as const);
  const mode = dice.pick(['constant', 'reflect', 'symmetric'] as const);
  const places = (): number[] => each(size => dice.whole(size > 2 ? -1 : 0, size > 4 ? 2 : 0));
  const image = shape.length === 3;
  return dice.pick([
    () => emit({type: 'merge', kind, activation: LINEAR}, ...(dice.chance(0.5) ? [x, constant()] : [constant(), x])),
    () => emit({type: 'merge', kind, activation: {type: 'tanh'}}, x, x),
    () => emit({type: 'activation', activation: {type: dice.pick(['abs', 'sin', 'cos', 'erf', 'tanh'] as const)}}, x),
    () =>
      some.length === 0
        ? x
        : emit(
            {type: 'reduce', kind: dice.pick(['mean', 'max', 'min'] as const), axes: some, keepDims: dice.chance(0.6)},
            x,
          ),
    () => emit({type: 'pad', before: places(), after: places(), mode, value: 0.5}, x),
    () => {
      const strides = each(() => dice.whole(1, 2));
      const begin = each(size => dice.whole(0, Math.min(1, size - 1)));
      const size = each(size => size).map((length, i) => Math.floor((length - begin[i]! - 1) / strides[i]!) + 1);
      return emit({type: 'slice', begin, size, strides}, x);
    },
    () => emit({type: 'transpose', permutation: [...axes.slice(1), ...axes.slice(0, 1)]}, x),
    () => emit({type: 'softmax', log: false}, x),
    () =>
      shape.length < 2 ? x : emit({type: 'matmul', transposeA: dice.chance(0.5), transposeB: false}, square(x), x),
    () => (!image ? x : emit({type: 'pool2d', kind: 'average', size: [1, 1], strides: [1, 1], padding: NO_PADDING}, x)),
    () => (image ? emit(convolutionOf(shape[2]!, dice), x) : x),
  ])();

  /** Rows times rows, softened: what an attention does. */
  function square(id: TensorId): TensorId {
    const scores = emit({type: 'matmul', transposeA: false, transposeB: true}, id, id);
    return emit({type: 'softmax', log: false}, scores);
  }
}

function convolutionOf(channels: number, dice: Dice): Parameters<Emit>[0] {
  const groups = channels % 2 === 0 && dice.chance(0.5) ? 2 : 1;
  const kernel = randomWeight([3, 3, channels / groups, 4], dice.whole(1, 99), x => x / 3);
  const around = {top: 1, bottom: 1, left: 1, right: 1};
  return {
    ...{type: 'conv2d', groups, kernel, bias: null, strides: [1, 1], dilations: [1, 1], padding: around},
    activation: LINEAR,
  };
}

function randomGraph(seed: number) {
  const dice = diceOf(seeded(seed));
  const builder = createBuilder();
  const emit: Emit = (attributes, ...inputs) => builder.emit(`${attributes.type}`, attributes, inputs)[0]!;
  const input = builder.input('x', dice.pick([[9], [6, 5], [6, 5, 4], [7, 6, 3], [2, 3, 4, 5]]));
  let x = input;
  for (let i = dice.whole(2, 9); i > 0; i--) {
    try {
      x = grow(emit, id => builder.tensor(id).shape, x, dice);
    } catch (error) {
      // A mirror or a crop of more than there is.
      if (!isTfmotError(error)) throw error;
    }
  }
  return builder.finish([{name: 'x', tensor: input}], [{name: 'y', tensor: x}]);
}

test('random graphs give the same in every layout, at every batch size, on every build, simplified or not', async () => {
  let ops = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const graph = randomGraph(seed);
    ops += graph.ops.length;
    const data = diceOf(seeded(seed)).floats(3 * sizeOf(graph.tensors[0]!.shape));
    const results: Float32Array[] = [];
    for (const [variant, batchSize, given] of [
      ['simd', 1, graph],
      ['relaxed', 3, graph],
      ['simd', 2, simplify(graph)],
    ] as const) {
      const engine = await compile(modelOf(given), {variant, batchSize});
      results.push(await engine.predict(data));
      engine.dispose();
    }
    expect(results[0]!.every(Number.isFinite), `seed ${seed}`).toBe(true);
    for (const other of results.slice(1)) expect(relativeError(other, results[0]!), `seed ${seed}`).toBeLessThan(1e-4);
  }
  expect(ops).toBeGreaterThan(500);
});

const HUGE = [
  0,
  -1,
  2 ** 24,
  2 ** 28,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 40,
  2 ** 53 - 1,
  0.5,
  Number.NaN,
];
const number = fc.oneof(
  {weight: 3, arbitrary: fc.integer({min: 0, max: 3})},
  {weight: 1, arbitrary: fc.constantFrom(...HUGE)},
);
const three = fc.array(number, {minLength: 3, maxLength: 3});

test('paddings, slices and axes of any size run or are refused', async () => {
  const modes = fc.constantFrom('constant', 'reflect', 'symmetric');
  const attributes = fc.oneof(
    fc.record({type: fc.constant('pad'), before: three, after: three, mode: modes, value: fc.constant(1)}),
    fc.record({type: fc.constant('slice'), begin: three, size: three, strides: three}),
    fc.record({
      type: fc.constant('reduce'),
      kind: fc.constant('sum'),
      axes: fc.array(number, {minLength: 1, maxLength: 4}),
      keepDims: fc.boolean(),
    }),
  );
  let ran = 0;
  await fc.assert(
    fc.asyncProperty(attributes, async given => {
      try {
        const builder = createBuilder();
        const input = builder.input('x', [3, 4, 5]);
        const [y] = builder.emit('op', given as Parameters<Emit>[0], [input]);
        const graph = builder.finish([{name: 'x', tensor: input}], [{name: 'y', tensor: y!}]);
        const engine = await compile(modelOf(graph), {maxMemoryBytes: 2 ** 24});
        const got = await engine.predict(new Float32Array(60).fill(1));
        expect(got.every(value => value > 0)).toBe(true);
        ran++;
      } catch (error) {
        if (!isTfmotError(error)) throw error;
        expect(['invalid-topology', 'memory-limit']).toContain(error.code);
      }
    }),
    {numRuns: 600, seed: 7},
  );
  expect(ran).toBeGreaterThan(60);
});

import {setFlagsFromString} from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import {beforeAll, expect, test} from 'vitest';
import {LINEAR} from '../../src/graph/ops/activation.ts';
import {compile} from '../../src/inference/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {GRAPH_CASES, merge} from './_graph-cases.ts';
import {expectCase, type Form, type GraphCase, graphOf, modelOf, randomWeight} from './_graphs.ts';

checkLeaks();

setFlagsFromString('--experimental-wasm-relaxed-simd');
beforeAll(async () => {
  await tf.setBackend('cpu');
});

const FORMS: readonly Form[] = ['flat', 'planes', 'gaps', 'steps'];

test.each(GRAPH_CASES)('$name', async given => {
  const images = given.shapes.some(shape => shape.length === 3);
  const forms = given.forms ?? (images ? FORMS : (['flat', 'steps'] as const));
  for (const form of forms) await expectCase(given, form);
});

test('kernels of groups are stored sparse, and what is between the groups is not multiplied', async () => {
  const kernel = randomWeight([1, 1, 8, 64], 3);
  const padding = {top: 0, bottom: 0, left: 0, right: 0};
  const window = {strides: [1, 1], dilations: [1, 1], padding} as const;
  const op = {type: 'conv2d', groups: 8, kernel, bias: null, ...window, activation: LINEAR} as const;
  const given: GraphCase = {
    name: '',
    shapes: [[16, 16, 64]],
    emit: (emit, [x]) => emit(op, x!),
    want: () => tf.scalar(0),
  };
  const engine = await compile(modelOf(graphOf(given, 'flat')));
  const [step] = engine.describe().ops;
  expect(step).toMatchObject({format: 'block', nonZeros: 512, multiplyAdds: 512 * 256});
  expect(step!.skippedMultiplyAdds).toBe((64 * 64 - 512) * 256);
  engine.dispose();
});

test('a constant takes its bytes once, and no copy of it', async () => {
  const value = randomWeight([30, 40], 1);
  const given: GraphCase = {
    name: '',
    shapes: [[30, 40]],
    emit: (emit, [x]) => {
      const constant = emit({type: 'constant', value});
      return emit(merge('add'), emit(merge('multiply'), constant, x!), constant);
    },
    want: () => tf.scalar(0),
  };
  for (const batchSize of [1, 4]) {
    const engine = await compile(modelOf(graphOf(given, 'flat')), {batchSize});
    const {weightBytes, activationBytes, ops} = engine.describe();
    expect(weightBytes).toBe(4800);
    expect(activationBytes).toBeLessThanOrEqual(2 * batchSize * 4864);
    expect(ops.map(({kernels}) => kernels)).toEqual([[], ['binary'], ['binary']]);
    engine.dispose();
  }
});

test('groups side by side that are too large are refused before they are laid out', async () => {
  const kernel = randomWeight([1, 1, 2, 4096], 3);
  const padding = {top: 0, bottom: 0, left: 0, right: 0};
  const window = {strides: [1, 1], dilations: [1, 1], padding} as const;
  const op = {type: 'conv2d', groups: 2048, kernel, bias: null, ...window, activation: LINEAR} as const;
  const given: GraphCase = {
    name: '',
    shapes: [[1, 1, 4096]],
    emit: (emit, [x]) => emit(op, x!),
    want: () => tf.scalar(0),
  };
  await expect(compile(modelOf(graphOf(given, 'flat')), {maxMemoryBytes: 2 ** 24})).rejects.toMatchObject({
    code: 'memory-limit',
    message: expect.stringContaining("the 2048 groups of 'conv2d' side by side alone take 67108864"),
  });
});

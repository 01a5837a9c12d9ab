import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import {layers, loadLayersModel, type Sequential, sequential} from '@tensorflow/tfjs-layers';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {storedWeights, valuesOf} from '../../src/artifacts/stored-weights.ts';
import {metricOf} from '../../src/live/metric.ts';
import {quantizeWeights} from '../../src/oneshot/quantize-weights.ts';
import {simulateQuantization} from '../../src/oneshot/simulate.ts';
import {evaluateQuantization} from '../../src/search/evaluate-quantization.ts';
import {checkLeaks} from '../../testing/leaks.ts';

checkLeaks();

let model: Sequential;
beforeEach(() => {
  model = sequential({
    layers: [
      layers.conv2d({name: 'conv', filters: 4, kernelSize: 3, inputShape: [6, 6, 1]}),
      layers.batchNormalization({name: 'norm'}),
      layers.flatten(),
      layers.dense({name: 'out', units: 3}),
    ],
  });
  tf.tidy(() => {
    model.setWeights(
      model.getWeights().map((weight, index) => {
        const values = Float32Array.from({length: weight.size}, (_, i) => Math.sin(1 + i * 7.1 + index));
        if (weight.rank > 1) for (let i = 0; i < values.length; i += 3) values[i] = 0;
        return tf.tensor(
          values.map(value => (index === 7 ? 1 + value ** 2 : value)),
          weight.shape,
        );
      }),
    );
  });
});
afterEach(() => {
  model.dispose();
});

describe('quantizeWeights', () => {
  test.each(['uint8', 'uint16', 'float16'] as const)('%s loads in TensorFlow.js, zeros exact', async dtype => {
    const artifacts = await quantizeWeights(model, {dtype});
    const loaded = await loadLayersModel({load: async () => artifacts as never});
    const kernels = [0, 4];
    for (const [index, weight] of loaded.getWeights().entries()) {
      const [got, expected] = [await weight.data(), await model.getWeights()[index]!.data()];
      if (!kernels.includes(index)) expect(got).toEqual(expected);
      for (const [i, value] of expected.entries()) {
        if (value === 0) expect(got[i]).toBe(0);
        expect(Math.abs(got[i]! - value)).toBeLessThan(dtype === 'uint8' ? 0.0045 : 0.0003);
      }
    }
    loaded.dispose();
    const bytes = (artifacts.weightData as ArrayBuffer).byteLength;
    expect(bytes).toBe((36 + 192) * (dtype === 'uint8' ? 1 : 2) + (4 + 16 + 3) * 4);
  });

  test('reports the error of each weight and why others were kept', async () => {
    const {report} = await quantizeWeights(model, {dtype: 'uint8', exclude: ['out']});
    expect(report.quantized.map(({name}) => name)).toEqual(['conv/kernel']);
    expect(report.quantized[0]!.error.largest).toBeGreaterThan(0);
    expect(report.quantized[0]!.error.relative).toBeLessThan(0.01);
    expect(report.kept).toContainEqual({name: 'out/kernel', reason: 'excluded'});
    expect(report.kept).toContainEqual({name: 'norm/gamma', reason: 'a scale or shift of a normalisation'});
    expect(report.kept).toHaveLength(7);
    expect(report.kept.map(({name}) => name)).not.toContain('conv/kernel');
  });

  test('takes biases and scales when asked, statistics never', async () => {
    const all = await quantizeWeights(model, {dtype: 'uint16', include: 'all'});
    expect(all.report.kept).toEqual([
      {name: 'norm/moving_mean', reason: 'a statistic'},
      {name: 'norm/moving_variance', reason: 'a statistic'},
    ]);
  });

  test('puts weights of 16 bits on a grid of 8, zeros exact', async () => {
    const wide = await quantizeWeights(model, {dtype: 'uint16'});
    const narrow = await quantizeWeights(wide, {dtype: 'uint8'});
    expect(narrow.report.quantized.map(({name}) => name)).toEqual(['conv/kernel', 'out/kernel']);
    const [before, after] = [wide, narrow].map(artifacts => storedWeights(artifacts).map(valuesOf));
    for (const index of [0, 4]) {
      for (const [i, value] of before![index]!.entries()) {
        if (value === 0) expect(after![index]![i]).toBe(0);
        expect(Math.abs(after![index]![i]! - value)).toBeLessThan(0.0045);
      }
    }
  });

  test.each([
    ['uint8', [2, 3, 255, 256], [1, 0, -1, 2.5, Number.NaN, 257, 65_536]],
    ['uint16', [2, 256, 257, 65_536], [1, 0, 2.5, 65_537, Number.POSITIVE_INFINITY]],
    ['float16', [], [1, 2, 16, 256]],
  ] as const)('%s may have %j levels, not %j', async (dtype, allowed, refused) => {
    for (const levels of allowed) {
      const stored = storedWeights(await quantizeWeights(model, {dtype, levels}));
      const used = new Set(valuesOf(stored.find(({spec}) => spec.name === 'out/kernel')!));
      expect(used.size).toBeGreaterThan(Math.min(levels, 129) * 0.6);
      expect(used.size).toBeLessThanOrEqual(levels);
    }
    for (const levels of refused) {
      const rule = dtype === 'float16' ? 'float16 has no levels' : `a whole number from 2 to ${allowed.at(-1)}`;
      await expect(quantizeWeights(model, {dtype, levels})).rejects.toThrow(
        expect.objectContaining({code: 'invalid-argument', message: expect.stringContaining(rule)}),
      );
      await expect(quantizeWeights(model, {dtype, levels})).rejects.toThrow(`got levels ${levels}`);
    }
  });

  test('refuses what would go wrong', async () => {
    await expect(quantizeWeights(model, {dtype: 'uint8', exclude: ['ouch']})).rejects.toThrow('no weight fits ouch');
    await expect(quantizeWeights(model, {dtype: 'int4' as never})).rejects.toMatchObject({code: 'invalid-argument'});
    tf.tidy(() => model.layers[3]!.setWeights([tf.fill([64, 3], 1e5), tf.zeros([3])]));
    await expect(quantizeWeights(model, {dtype: 'float16'})).rejects.toThrow("element 0 of 'out/kernel' is 100000");
    tf.tidy(() => model.layers[3]!.setWeights([tf.fill([64, 3], Number.NaN), tf.zeros([3])]));
    await expect(quantizeWeights(model, {dtype: 'uint8'})).rejects.toMatchObject({code: 'non-finite-weight'});
  });
});

describe('evaluateQuantization', () => {
  const data = (): {xs: tf.Tensor; ys: tf.Tensor} => ({
    xs: tf.tensor(
      Float32Array.from({length: 20 * 36}, (_, i) => Math.cos(i * 1.7)),
      [20, 6, 6, 1],
    ),
    ys: tf.zeros([20, 3]),
  });

  test('measures a live model with what it is compiled with, and leaves it as it was', async () => {
    const {xs, ys} = data();
    model.compile({optimizer: tf.train.sgd(0), loss: 'meanSquaredError'});
    const own = await Promise.all(model.getWeights().map(weight => weight.data()));
    const table = await evaluateQuantization(model, metricOf(model, {xs, ys}), {bits: [8, 2], method: 'symmetric'});
    const loss = model.evaluate(xs, ys) as tf.Scalar;
    expect(table.original.metric).toBeCloseTo(-(await loss.data())[0]!, 5);
    expect(table.original.bytes).toBe((36 + 192 + 23) * 4);
    const [eight, two] = table.rows;
    expect(eight!.bytes).toBe(36 + 192 + 8 + 23 * 4);
    expect(two!.bytes).toBe(9 + 48 + 8 + 23 * 4);
    const off = (row: {metric: number}): number => Math.abs(row.metric - table.original.metric);
    expect(off(eight!)).toBeGreaterThan(0);
    expect(off(two!)).toBeGreaterThan(3 * off(eight!));
    expect(await Promise.all(model.getWeights().map(weight => weight.data()))).toEqual(own);
    tf.dispose([xs, ys, loss]);
    model.optimizer.dispose();
  });

  test.each([
    [{}],
    [{method: 'symmetric'}],
    [{method: 'codebook'}],
    [{exclude: ['conv']}],
    [{include: 'all'}],
    [{method: 'symmetric', exclude: ['out'], include: 'all'}],
  ] as const)('judges the model that simulateQuantization makes with %j', async options => {
    const judged: unknown[] = [];
    const metric = (artifacts: Parameters<typeof storedWeights>[0]): number => {
      judged.push(storedWeights(artifacts).map(valuesOf));
      return 1;
    };
    const {rows} = await evaluateQuantization(model, metric, {bits: [4], ...options});
    const {artifacts, bytes} = await simulateQuantization(model, 4, options);
    expect(judged.at(-1)).toEqual(storedWeights(artifacts).map(valuesOf));
    expect(rows).toEqual([{bits: 4, metric: 1, bytes}]);
  });

  test('the default of an evaluation tries 8 to 2 bits', async () => {
    const {rows} = await evaluateQuantization(model, () => 0);
    expect(rows.map(({bits}) => bits)).toEqual([8, 7, 6, 5, 4, 3, 2]);
  });

  test('finds the fewest bits for each weight', async () => {
    // A metric that knows how far each kernel is off: `out` must be good to 0.02, `conv` may be anything.
    const original = valuesOf(storedWeights((await simulateQuantization(model, {})).artifacts)[4]!);
    const metric = (artifacts: Parameters<typeof storedWeights>[0]): number => {
      const values = valuesOf(storedWeights(artifacts)[4]!);
      return -Math.max(...values.map((value, index) => Math.abs(value - original[index]!)));
    };
    const {rows} = await evaluateQuantization(model, metric, {bits: 'auto', tolerance: 0.02, method: 'symmetric'});
    expect(rows[0]!.bits).toEqual({'conv/kernel': 2, 'out/kernel': 6});
  });

  test('keeps a weight that no width is good enough for', async () => {
    let calls = 0; // The first two are of the model as it is.
    const {rows} = await evaluateQuantization(model, () => (calls++ < 2 ? 1 : 0), {bits: 'auto'});
    expect(rows[0]!.bits).toEqual({'conv/kernel': 32, 'out/kernel': 32});
  });

  test('refuses a metric that is not a number', async () => {
    await expect(evaluateQuantization(model, () => Number.NaN)).rejects.toMatchObject({code: 'invalid-argument'});
    await expect(evaluateQuantization(model, () => 1, {bits: [9]})).rejects.toMatchObject({code: 'invalid-argument'});
    expect(() => metricOf(model, {xs: [], ys: []})).toThrow('compiled');
  });
});

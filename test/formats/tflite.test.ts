import {describe, expect, test} from 'vitest';
import {open} from '../../src/formats/index.ts';
import {pruneOneShot} from '../../src/oneshot/prune.ts';
import {differenceFrom, litertInputs, litertOutputs, run, tfliteSample} from './_tflite.ts';

const SAMPLES = litertOutputs('samples');

/** LiteRT computes these with quantised activations, the engine in float. */
const isQuantized = (name: string): boolean =>
  /^(DR|i8|I8|io|pt)-|int8|dyn\.|sparsedyn/.test(name) && !/embedding/.test(name);

describe('computed as LiteRT does', () => {
  test.each([...SAMPLES].filter(([name]) => name !== 'r-gru.tflite'))('%s', async (name, expected) => {
    const bytes = tfliteSample(name);
    const outputs = await run(await open(bytes), litertInputs(bytes));
    expect(differenceFrom(expected, outputs)).toBeLessThan(isQuantized(name) ? 0.03 : 1e-5);
  });
});

test('control flow is refused by its name', async () => {
  const model = await open(tfliteSample('r-gru.tflite'));
  await expect(model.graph()).rejects.toThrow(
    expect.objectContaining({code: 'unsupported-layer', message: expect.stringContaining('WHILE')}),
  );
});

test('a graph may end at tensors that are named, or before what is not supported', async () => {
  const bytes = tfliteSample('tiny-f32.tflite');
  const model = await open(bytes);
  const whole = await model.graph();
  const cut = await model.graph({cut: ['functional_1/flatten_1/Reshape']});
  expect(cut.outputs.map(({name}) => name)).toEqual(['functional_1/flatten_1/Reshape']);
  expect(cut.ops.length).toBeLessThan(whole.ops.length);
  await expect(model.graph({cut: ['nowhere']})).rejects.toThrow(expect.objectContaining({code: 'invalid-argument'}));
  const gru = await open(tfliteSample('r-gru.tflite'));
  const before = await gru.graph({cut: 'auto'});
  expect(before.left?.map(({op}) => op)).toEqual(['WHILE']);
  expect(before.outputs.length).toBeGreaterThan(0);
});

test('weights are known by the operators that consume them, also behind others that hand them on', async () => {
  for (const [name, dtype] of [
    ['f32', 'float32'],
    ['f16', 'float16'],
    ['int8', 'int8'],
  ] as const) {
    const {weights} = await open(tfliteSample(`tiny-${name}.tflite`));
    const rows = weights
      .filter(({uses}) => uses.some(({role}) => role === 'kernel' || role === 'depthwise'))
      .map(({shape, uses: [use]}) => [shape.join('x'), use!.role, use!.className, use!.inputAxes.join()].join(' '));
    expect(rows.sort(), name).toEqual([
      '1x3x3x6 depthwise DEPTHWISE_CONV_2D 1,2',
      '1x3x3x6 kernel CONV_2D 1,2,3',
      '4x8 kernel FULLY_CONNECTED 1',
      '6x1x1x6 kernel CONV_2D 1,2,3',
      '6x3x3x3 kernel CONV_2D 1,2,3',
      '8x96 kernel FULLY_CONNECTED 1',
    ]);
    expect(weights.filter(({uses}) => uses[0]?.role === 'kernel').every(weight => weight.dtype === dtype)).toBe(true);
  }
});

test('a saved model keeps its bytes; a changed one all but those of the changed weights', async () => {
  for (const name of SAMPLES.keys()) {
    const bytes = tfliteSample(name);
    const model = await open(bytes);
    expect(Buffer.compare((await model.save()).get('model.tflite')!, bytes), name).toBe(0);
    const weight = model.weights.find(({dtype, uses}) => dtype !== 'int32' && uses.some(({role}) => role === 'kernel'));
    if (weight === undefined) continue;
    const values = weight.values().map((value, i) => (i % 3 === 0 ? 0 : value));
    const changed = model.withWeights(new Map([[weight.name, {values}]]));
    const saved = (await changed.save()).get('model.tflite')!;
    expect(saved.length).toBe(bytes.length);
    const again = await open(saved);
    again.weights.forEach((each, i) => {
      if (each.name === weight.name) expect(each.values(), name).toEqual(values);
      else expect(each.bytes(), name).toEqual(model.weights[i]!.bytes());
    });
  }
});

test.each(['tiny-f32.tflite', 'tiny-f16.tflite', 'tiny-int8.tflite', 'S1-sparse.tflite', 'r-lstm_seq.tflite'])(
  '%s is pruned, saved, and computes alike from the file and from the open model',
  async name => {
    const bytes = tfliteSample(name);
    const {model, changed} = await pruneOneShot(await open(bytes), {sparsity: 0.5});
    expect(changed.length).toBeGreaterThan(0);
    const saved = await open((await model.save()).get('model.tflite')!);
    const inputs = litertInputs(bytes);
    expect(await run(saved, inputs)).toEqual(await run(model, inputs));
    for (const {name: weight, after} of changed) {
      const zeros = saved.weights
        .find(each => each.name === weight)!
        .values()
        .filter(value => value === 0).length;
      expect(zeros).toBe(after.elements - after.nonZeros);
    }
  },
);

test('a sparse tensor takes no number where it stores none', async () => {
  const model = await open(tfliteSample('S1-sparse.tflite'));
  const weight = model.weights.find(({uses}) => uses[0]?.role === 'kernel')!;
  const values = weight.values().fill(1);
  expect(() => model.withWeights(new Map([[weight.name, {values}]]))).toThrow(
    expect.objectContaining({code: 'invalid-argument', message: expect.stringContaining('stored sparsely')}),
  );
});

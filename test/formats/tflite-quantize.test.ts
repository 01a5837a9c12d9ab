import {expect, test} from 'vitest';
import {open} from '../../src/formats/index.ts';
import {readModel} from '../../src/formats/tflite/read-model.ts';
import {quantizeFile} from '../../src/oneshot/index.ts';
import {convert} from '../../src/tflite/index.ts';
import {relativeError} from '../inference/_compare.ts';
import {runIn} from '../tflite/_runtimes.ts';
import {litertInputs, run, tfliteSample} from './_tflite.ts';

/** LiteRT for the web refuses the converter's files of an open batch, so what it is given is written here first. */
test.each(['float32', 'float16'] as const)(
  '%s in 8 bits: LiteRT reads it, and computes as the engine does',
  async weights => {
    const bytes = await convert(await open(tfliteSample('tiny-f32.tflite')), {weights, sparsity: 'off'});
    const model = await open(bytes);
    const {model: quantized, changed, kept} = await quantizeFile(model);
    expect(changed.length).toBeGreaterThan(0);
    expect(kept.length + changed.length).toBe(model.weights.length);
    for (const {before, after} of changed) expect(after.bytes).toBeLessThan(before.bytes);
    const file = (await quantized.save()).get('model.tflite')!;
    const inputs = litertInputs(bytes);
    const given = Object.values(inputs).map(values => ({type: 'float32', shape: [1, 16, 16, 3], values}) as const);
    const [litert] = await runIn('litert', [{file, inputs: given}]);
    if (typeof litert === 'string') throw new Error(litert);
    const [before, after] = [await run(model, inputs), await run(await open(file), inputs)];
    after.forEach((values, i) => {
      expect(relativeError(values, litert![i]!)).toBeLessThan(1e-5);
      expect(relativeError(values, before[i]!)).toBeLessThan(1e-2);
    });
  },
);

test('all else of a file stays as it was', async () => {
  const bytes = tfliteSample('tiny-f32.tflite');
  const {model} = await quantizeFile(await open(bytes));
  const [before] = readModel(bytes).graphs;
  const [after] = readModel((await model.save()).get('model.tflite')!).graphs;
  expect(after.inputs).toEqual(before.inputs);
  expect(after.outputs).toEqual(before.outputs);
  expect(after.operators.filter(({name}) => name !== 'DEQUANTIZE')).toEqual(before.operators);
  const facts = ({name, shape, signature, type, isVariable}: (typeof before.tensors)[number]) =>
    JSON.stringify([name, shape, signature, type, isVariable]);
  expect(after.tensors.slice(0, before.tensors.length).map(facts)).toEqual(before.tensors.map(facts));
});

test('zeros stay zero, and what is excluded stays', async () => {
  const model = await open(tfliteSample('tiny-f32.tflite'));
  const [first] = model.weights
    .filter(({uses}) => uses[0]?.role === 'kernel')
    .sort((a, b) => b.bytes().length - a.bytes().length);
  const values = first!.values().map((value, i) => (i % 2 === 0 ? 0 : value));
  const sparse = model.withWeights(new Map([[first!.name, {values}]]));
  const {model: quantized} = await quantizeFile(sparse);
  const levels = quantized.weights.find(({name}) => name === `${first!.name}/int8`)!.values();
  levels.forEach((value, i) => {
    if (i % 2 === 0) expect(value).toBe(0);
  });
  const {changed} = await quantizeFile(model, {exclude: [first!.name]});
  expect(changed.map(({name}) => name)).not.toContain(first!.name);
});

test('sparse weights and other formats are left, with a reason', async () => {
  const {changed, kept} = await quantizeFile(await open(tfliteSample('S1-sparse.tflite')));
  expect(changed).toEqual([]);
  expect(kept.some(({reason}) => /sparsely|smaller/.test(reason))).toBe(true);
});

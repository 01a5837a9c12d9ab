import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {open} from '../../../src/formats/open.ts';
import {compile} from '../../../src/inference/index.ts';
import {pruneOneShot} from '../../../src/oneshot/prune.ts';
import {publishedFile} from '../../../testing/published.ts';
import {fullRun, onnxModels, unmet} from '../../_needs.ts';

/** What onnxruntime makes of a published model; see tools/onnx/make_references.py. */
interface Reference {
  readonly inputs: Readonly<Record<string, {shape: readonly number[]; scale: number} | {value: number}>>;
  readonly outputs: Readonly<
    Record<string, {count: number; every: number; largest: number; values: readonly number[]}>
  >;
  /** Where the graph ends, if not at the model's own outputs. */
  readonly cut?: readonly string[];
}

const REFERENCES = new Map(
  Object.entries(
    JSON.parse(readFileSync(new URL('../../fixtures/onnx/published.json', import.meta.url), 'utf8')),
  ) as readonly [string, Reference][],
);
/** It chooses by an input between graphs for 16 and 8 kHz, which no sound of one length suits both. */
const REFUSED = 'silero_vad_v5.onnx';
/** Small enough for every run. */
const QUICK: readonly string[] = ['hello_deepa.onnx', 'hey_jarvis_v0.1.onnx', 'ch_ppocr_mobile_v2.0_cls_infer.onnx'];

/** The numbers that the reference was made of. */
function inputsOf({inputs}: Reference): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => {
      if ('value' in input) return [name, Float32Array.of(input.value)];
      const length = input.shape.reduce((product, size) => product * size, 1);
      const hashed = (i: number): number => ((Math.imul(i, 2_654_435_761) + 1_013_904_223) >>> 0) / 2 ** 32;
      return [name, Float32Array.from({length}, (_, i) => (hashed(i) * 2 - 1) * input.scale)];
    }),
  );
}

/** Shapes of inputs, without a first size of 1. */
function shapesOf({inputs}: Reference): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, input]) =>
      'value' in input ? [] : [[name, input.shape[0] === 1 ? input.shape.slice(1) : input.shape]],
    ),
  );
}

async function difference(name: string): Promise<number> {
  const reference = REFERENCES.get(name)!;
  const model = await open(publishedFile('.', name));
  const {cut} = reference;
  const graph = await model.graph({inputShapes: shapesOf(reference), ...(cut && {cut})});
  const engine = await compile({...model, graph: async () => graph});
  const found = await engine.predict(inputsOf(reference));
  engine.dispose();
  let worst = 0;
  for (const [output, {count, every, largest, values}] of Object.entries(reference.outputs)) {
    const data = found[output]!;
    expect(data.length).toBe(count);
    values.forEach((value, i) => {
      // Of sigmoids that are all but 0 the last digits are those of large sums.
      const off = Math.abs(value - data[i * every]!) / Math.max(largest, 0.01);
      if (!(off <= worst)) worst = off;
    });
  }
  return worst;
}

describe.skipIf(!onnxModels.isMet)(`published .onnx models${unmet(onnxModels)}`, () => {
  test.each(QUICK)('%s computes as in onnxruntime', async name => {
    expect(await difference(name)).toBeLessThan(1e-4);
  });

  test('the one whose branches do not both fit is refused by the node that does not', async () => {
    const model = await open(publishedFile('.', REFUSED));
    await expect(model.graph({inputShapes: shapesOf(REFERENCES.get(REFUSED)!)})).rejects.toThrow(
      expect.objectContaining({code: 'unsupported-layer', message: expect.stringContaining('LSTM')}),
    );
  });
});

describe.skipIf(!fullRun.isMet || !onnxModels.isMet)(`all published .onnx models${unmet(fullRun, onnxModels)}`, () => {
  test.each([...REFERENCES.keys()].filter(name => name !== REFUSED))('%s computes as in onnxruntime', async name => {
    expect(await difference(name)).toBeLessThan(1e-4);
  });

  test.each([...REFERENCES.keys()])('%s is inspected, pruned and saved in place', async name => {
    const bytes = publishedFile('.', name);
    const model = await open(bytes);
    expect(model.format).toBe('onnx');
    expect(Buffer.compare((await model.save()).get('model.onnx')!, bytes)).toBe(0);
    const {model: pruned, changed} = await pruneOneShot(model, {sparsity: 0.5});
    expect(changed.length).toBeGreaterThan(0);
    const saved = (await pruned.save()).get('model.onnx')!;
    expect(saved.length).toBe(bytes.length);
    const again = new Map((await open(saved)).weights.map(weight => [weight.name, weight]));
    for (const {name: weight, after} of changed) {
      const zeros = again
        .get(weight)!
        .values()
        .filter(value => value === 0).length;
      expect(zeros, weight).toBe(after.elements - after.nonZeros);
    }
  });
});

import {describe, expect, test} from 'vitest';
import {open} from '../../src/formats/index.ts';
import {pruneOneShot} from '../../src/oneshot/prune.ts';
import {publishedFile} from '../../testing/published.ts';
import {fullRun, tfliteModels, unmet} from '../_needs.ts';
import {differenceFrom, litertInputs, litertOutputs, run} from './_tflite.ts';

const EXPECTED = litertOutputs('published');
/** Their sums run over so many terms of float16 weights that runtimes differ among themselves. */
const LOOSE = /^pose_landmark/;
/** It runs another graph by an IF. */
const REFUSED = 'hey_jarvis_v0.1.tflite';
const SPARSE = 'face_detection_full_range_sparse.tflite';
/** Sizes that files leave open. */
const SHAPES: Readonly<Record<string, Record<string, readonly number[]>>> = {
  'melspectrogram.tflite': {'serving_default_input:0': [1760]},
};

const bytesOf = (name: string): Uint8Array<ArrayBuffer> => publishedFile('.', name);

async function difference(name: string): Promise<number> {
  const bytes = bytesOf(name);
  const shapes = SHAPES[name] ?? {};
  const inputs = litertInputs(
    bytes,
    Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [key, [1, ...shape]])),
  );
  return differenceFrom(EXPECTED.get(name)!, await run(await open(bytes), inputs, shapes));
}

test.skipIf(!tfliteModels.isMet)(`the sparse face detector computes as in LiteRT${unmet(tfliteModels)}`, async () => {
  expect(await difference(SPARSE)).toBeLessThan(1e-5);
});

describe.skipIf(!fullRun.isMet || !tfliteModels.isMet)(`published models${unmet(fullRun, tfliteModels)}`, () => {
  test.each([...EXPECTED.keys()].filter(name => name !== REFUSED))('%s computes as in LiteRT', async name => {
    expect(await difference(name)).toBeLessThan(LOOSE.test(name) ? 1e-3 : 1e-4);
  });

  test('the one with control flow is refused by its name', async () => {
    const model = await open(bytesOf(REFUSED));
    await expect(model.graph()).rejects.toThrow(
      expect.objectContaining({code: 'unsupported-layer', message: expect.stringContaining('IF')}),
    );
  });

  test.each([...EXPECTED.keys()])('%s is inspected, pruned and saved in place', async name => {
    const bytes = bytesOf(name);
    const model = await open(bytes);
    expect(Buffer.compare((await model.save()).get('model.tflite')!, bytes)).toBe(0);
    const {model: pruned, changed} = await pruneOneShot(model, {sparsity: 0.5});
    expect(changed.length).toBeGreaterThan(0);
    const saved = (await pruned.save()).get('model.tflite')!;
    expect(saved.length).toBe(bytes.length);
    const again = await open(saved);
    for (const {name: weight, after} of changed) {
      const zeros = again.weights
        .find(each => each.name === weight)!
        .values()
        .filter(value => value === 0).length;
      expect(zeros, weight).toBe(after.elements - after.nonZeros);
    }
  });
});

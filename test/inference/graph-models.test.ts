import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {open} from '../../src/formats/index.ts';
import {compile} from '../../src/inference/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {PUBLISHED, pickedFiles, publishedFiles} from '../../testing/published.ts';
import {fullRun, publishedModels, unmet} from '../_needs.ts';
import {distances} from './_tfjs-graph.ts';

checkLeaks();

const FIXTURES = new URL('../fixtures/graph-model/', import.meta.url);
const python = JSON.parse(readFileSync(new URL('tiny.json', FIXTURES), 'utf8')) as {
  inputs: {image: number[][][][]};
  outputs: {probs: number[][]; mask: number[][][][]};
};

/** How far a stored form of the model is from what Python computed with float32 weights. */
const FORMS = [
  ['tiny-f32', 1e-6],
  ['tiny-f16', 1e-3],
  ['tiny-u8', 2e-2],
] as const;

describe.each(FORMS)('%s', (name, tolerance) => {
  test('gives what Python gave', async () => {
    const engine = await compile(await open(pickedFiles(new URL(`${name}/`, FIXTURES))));
    expect(engine.inputs).toMatchObject([{name: 'image', shape: [16, 16, 3]}]);
    // In the order of the signature.
    expect(engine.outputs.map(output => output.name)).toEqual(['Identity', 'Identity_1']);
    const [mask, probs] = (await engine.predict([Float32Array.from(python.inputs.image.flat(3))])) as Float32Array[];
    for (const [made, expected] of [
      [mask, python.outputs.mask.flat(3)],
      [probs, python.outputs.probs.flat()],
    ] as const)
      for (let i = 0; i < expected.length; i++) expect(Math.abs(made![i]! - expected[i]!)).toBeLessThan(tolerance);
    engine.dispose();
  });

  test('gives what TensorFlow.js gives', async () => {
    for (const {engine} of await distances(await open(pickedFiles(new URL(`${name}/`, FIXTURES)))))
      expect(engine).toBeLessThan(1e-5);
  });
});

/** Of the published graph models, those that are not run whole, and why. */
const NOT_WHOLE: Readonly<Record<string, RegExp>> = {
  centernet: /TopKV2/,
  faceboxes: /control flow/,
  'facemesh-attention': /Atan2/,
  'facemesh-attention-pinto': /Cast/,
  handtrack: /control flow/,
  'movenet-lightning': /ArgMax/,
  'movenet-multipose': /TopKV2/,
  'movenet-thunder': /ArgMax/,
  rvm: /known sizes/,
};
/** Those that run up to their decoding, with `cut: 'auto'`. */
const CUT = ['centernet', 'facemesh-attention', 'facemesh-attention-pinto', 'movenet-lightning', 'movenet-thunder'];
const OPEN_SIZES: Readonly<Record<string, Record<string, number[]>>> = {
  faceboxes: {image_tensor: [256, 256, 3]},
  handtrack: {input_tensor: [256, 256, 3]},
  'movenet-multipose': {input: [256, 256, 3]},
};

/** Each output within a ten-thousandth of its largest, or within twice what TensorFlow.js' backends differ by. */
function expectNear(found: Awaited<ReturnType<typeof distances>>, tolerance = 1e-4): void {
  for (const {name, engine, backends} of found)
    expect(engine, `${name}, backends ${backends}`).toBeLessThan(Math.max(tolerance, 2 * backends));
}

const needs = unmet(fullRun, publishedModels);
describe.skipIf(needs)(`published graph models in the engine${needs}`, () => {
  const names = PUBLISHED.length === 0 ? ['each'] : PUBLISHED;
  test.each(names)('%s gives what TensorFlow.js gives, or says what stops it', async name => {
    const model = await open(publishedFiles(name));
    if (model.format !== 'tfjs-graph') return;
    const why = NOT_WHOLE[name];
    const inputShapes = OPEN_SIZES[name] ?? {};
    if (why === undefined) expectNear(await distances(model, {inputShapes}));
    else await expect(model.graph({inputShapes})).rejects.toThrow(why);
  });

  test.each(CUT)('%s runs up to what comes after the network', async name => {
    const model = await open(publishedFiles(name));
    const {left, outputs} = await model.graph({cut: 'auto'});
    expect(left!.length).toBeGreaterThan(0);
    expect(outputs.length).toBeGreaterThan(0);
    // What a decoding tail begins with are differences of coordinates, whose own size is small.
    expectNear(await distances(model, {cut: 'auto'}), 2e-4);
  });
});

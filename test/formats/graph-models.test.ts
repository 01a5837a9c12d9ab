import * as tf from '@tensorflow/tfjs';
import {describe, expect, test} from 'vitest';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {ROUNDED_ROLES} from '../../src/artifacts/roles.ts';
import {type OpenModel, open} from '../../src/formats/index.ts';
import {pruneOneShot} from '../../src/oneshot/prune.ts';
import {quantizeWeights} from '../../src/oneshot/quantize-weights.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {PUBLISHED, pickedFiles, publishedFiles} from '../../testing/published.ts';
import {fullRun, publishedModels, unmet} from '../_needs.ts';

checkLeaks();

const TINY = ['tiny-f32', 'tiny-f16', 'tiny-u8'];
const folderOf = (name: string): URL => new URL(`../fixtures/graph-model/${name}/`, import.meta.url);

/** The files of a saved model as a person would pick them. */
async function saved(model: OpenModel): Promise<File[]> {
  return [...(await model.save())].map(([name, bytes]) => new File([Uint8Array.from(bytes)], name));
}

/** What TensorFlow.js reads of a model: the values of its constants by name. */
async function constantsIn(artifacts: ModelArtifacts): Promise<ReadonlyMap<string, Float32Array | Int32Array>> {
  const loaded = await tf.loadGraphModel(tf.io.fromMemory(artifacts as tf.io.ModelArtifacts));
  const constants = new Map(
    Object.entries(loaded.weights).map(([name, [tensor]]) => [name, tensor!.dataSync() as Float32Array]),
  );
  loaded.dispose();
  return constants;
}

test('the weights of a graph are known by the ops that consume them', async () => {
  const model = await open(pickedFiles(folderOf('tiny-f32')));
  expect(model.format).toBe('tfjs-graph');
  const roles = model.weights.map(({shape, uses}) => [shape.join('x'), uses.map(({role}) => role).join()]);
  expect(Object.fromEntries(roles)).toEqual({
    '': '',
    '1': '',
    '1x1x1x1': 'bias',
    '1x1x6x6': 'kernel',
    '2': '',
    '3x3x3x6': 'kernel',
    '3x3x6x1': expect.stringMatching(/kernel|depthwise/),
    '4': 'bias',
    '6': 'bias',
    '8': 'bias',
    '8x4': 'kernel',
    '96x8': 'kernel',
  });
});

describe.each(TINY)('%s', name => {
  test('is saved as it came: names, order, files, signature', async () => {
    const files = pickedFiles(folderOf(name));
    const model = await open(files);
    const again = await model.save();
    for (const file of files) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (file.name.endsWith('.bin')) expect(again.get(file.name)).toEqual(bytes);
      else expect(JSON.parse(Buffer.from(again.get(file.name)!).toString())).toEqual(JSON.parse(await file.text()));
    }
    expect(again.size).toBe(files.length);
  });

  test('pruned, TensorFlow.js reads the zeros and leaves the rest as it was', async () => {
    const model = await open(pickedFiles(folderOf(name)));
    const {model: pruned, changed} = await pruneOneShot(model, {sparsity: 0.5});
    const again = await open(await saved(pruned));
    const [before, after] = [await constantsIn(model.artifacts!), await constantsIn(again.artifacts!)];
    const touched = new Set(changed.map(weight => weight.name));
    expect(touched.size).toBe(5);
    for (const [weight, values] of before) {
      const now = after.get(weight)!;
      if (!touched.has(weight)) expect(now).toEqual(values);
      else {
        expect(now.filter(value => value === 0).length).toBeGreaterThanOrEqual(Math.floor(values.length / 2));
        for (let i = 0; i < now.length; i++) if (now[i] !== 0) expect(now[i]).toBeCloseTo(values[i]!, 5);
      }
    }
    for (const weight of again.weights)
      expect(weight.dtype).toBe(model.weights.find(other => other.name === weight.name)!.dtype);
  });

  test('quantised, TensorFlow.js reads what the report says', async () => {
    const model = await open(pickedFiles(folderOf(name)));
    const quantized = await quantizeWeights(model, {dtype: 'uint8'});
    const kinds = new Map(quantized.report.quantized.map(weight => [weight.name, weight.dtype]));
    expect(kinds.size).toBe(6);
    const [before, after] = [await constantsIn(model.artifacts!), await constantsIn(quantized)];
    for (const [weight, values] of before) {
      const far = values.map((value, i) => Math.abs(value - after.get(weight)![i]!));
      expect(Math.max(0, ...far)).toBeLessThanOrEqual(kinds.has(weight) ? (1.01 * rangeOf(values)) / 255 : 0);
    }
  });
});

function rangeOf(values: ArrayLike<number>): number {
  const all = Array.from(values);
  return Math.max(0, ...all) - Math.min(0, ...all);
}

test('a constant that an unknown op consumes is left alone, whatever else consumes it', async () => {
  const [json, ...shards] = pickedFiles(folderOf('tiny-f32')).sort((a, b) => b.name.localeCompare(a.name));
  const model = JSON.parse(await json!.text());
  const kernel = (await open(pickedFiles(folderOf('tiny-f32')))).weights.find(({shape}) => `${shape}` === '96,8')!;
  model.modelTopology.node.push({name: 'other', op: 'Mystery', input: [kernel.name], attr: {}});
  const changed = await open([new File([JSON.stringify(model)], 'model.json'), ...shards]);
  expect(changed.weights.find(({name}) => name === kernel.name)!.uses).toEqual([]);
});

const needs = unmet(fullRun, publishedModels);
describe.skipIf(needs)(`published graph models${needs}`, () => {
  test.each(PUBLISHED.length === 0 ? ['each'] : PUBLISHED)(
    '%s: half of its kernels pruned, and saved in place, TensorFlow.js reads it',
    async name => {
      const model = await open(publishedFiles(name));
      if (model.format !== 'tfjs-graph') return;
      const {model: pruned, kept} = await pruneOneShot(model, {sparsity: 0.5});
      const again = await open(await saved(pruned));
      expect(again.weights.map(weight => weight.name)).toEqual(model.weights.map(weight => weight.name));
      const left = new Set(kept.map(weight => weight.name));
      const constants = await constantsIn(again.artifacts!);
      for (const [i, weight] of model.weights.entries()) {
        const now = again.weights[i]!;
        if (left.has(weight.name)) expect(Buffer.compare(now.bytes(), weight.bytes()), weight.name).toBe(0);
        else {
          expect(weight.uses.every(({role}) => ROUNDED_ROLES.includes(role))).toBe(true);
          expect(now.dtype).toBe(weight.dtype);
          const read = constants.get(weight.name)!;
          expect(
            now.values().every((value, k) => value === read[k]),
            weight.name,
          ).toBe(true);
        }
      }
    },
  );
});

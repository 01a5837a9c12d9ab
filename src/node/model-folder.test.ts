import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import {layers, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {modelFolder} from './model-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-node-'));
});
afterEach(() => rm(folder, {recursive: true}));

const artifacts = (values: Float32Array<ArrayBuffer>): ModelArtifacts => ({
  modelTopology: {className: 'Sequential'},
  format: 'layers-model',
  weightSpecs: [{name: 'kernel', shape: [values.length], dtype: 'float32'}],
  weightData: values.buffer,
});
const ramp = (length: number, start = 0): Float32Array<ArrayBuffer> =>
  Float32Array.from({length}, (_, index) => start + index);
const weightFiles = async (): Promise<string[]> => (await readdir(folder)).filter(name => name.endsWith('.bin')).sort();

describe('modelFolder', () => {
  test('keeps a live model, its optimizer and its metadata', async () => {
    const before = tf.memory().numTensors;
    const model = sequential({layers: [layers.dense({units: 3, inputShape: [4]}), layers.dense({units: 1})]});
    model.compile({optimizer: 'adam', loss: 'meanSquaredError'});
    const [xs, ys] = [tf.ones([2, 4]), tf.zeros([2, 1])];
    await model.trainOnBatch(xs, ys);
    model.setUserDefinedMetadata({step: 1});
    await model.save(modelFolder(folder), {includeOptimizer: true});
    const loaded = await loadLayersModel(modelFolder(folder));
    const [expected, got] = [model.predict(xs) as tf.Tensor, loaded.predict(xs) as tf.Tensor];
    expect(await got.array()).toEqual(await expected.array());
    expect(loaded.getUserDefinedMetadata()).toEqual({step: 1});
    expect(loaded.optimizer.iterations).toBe(1);
    tf.dispose([xs, ys, expected, got]);
    model.dispose();
    loaded.dispose();
    loaded.optimizer.dispose();
    // TensorFlow.js itself leaks the scalar in which it saves an optimizer's step count.
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  test('splits weights into files of 4 MiB and joins them again', async () => {
    const values = ramp(2_500_000);
    await modelFolder(folder).save(artifacts(values));
    expect(await weightFiles()).toHaveLength(3);
    const loaded = await modelFolder(join(folder, 'model.json')).load();
    expect(Buffer.from(loaded.weightData as ArrayBuffer).equals(Buffer.from(values.buffer))).toBe(true);
  });

  test('takes weight data in several buffers, as TensorFlow.js may hand it over', async () => {
    const parts = [ramp(2).buffer, ramp(3, 2).buffer];
    await modelFolder(folder).save({...artifacts(ramp(5)), weightData: parts});
    expect(new Float32Array((await modelFolder(folder).load()).weightData as ArrayBuffer)).toEqual(ramp(5));
  });

  test('replaces the old model and removes its weight files and what a dead process left', async () => {
    await modelFolder(folder).save(artifacts(ramp(10)));
    const old = await weightFiles();
    await writeFile(join(folder, '.model.json.1-0.tfmot-tmp'), 'half');
    await modelFolder(folder).save(artifacts(ramp(10, 1)));
    const names = await readdir(folder);
    expect(names).toHaveLength(2);
    expect(names).not.toContain(old[0]);
  });

  test('until model.json is renamed, the old model stays', async () => {
    await modelFolder(folder).save(artifacts(ramp(10)));
    const other = join(folder, 'other.json'); // A folder with something in it cannot be renamed over.
    await mkdir(join(other, 'x'), {recursive: true});
    await expect(modelFolder(other).save(artifacts(ramp(10, 1)))).rejects.toMatchObject({code: 'write-failed'});
    expect(new Float32Array((await modelFolder(folder).load()).weightData as ArrayBuffer)).toEqual(ramp(10));
  });

  test('refuses weight specs that do not fit the data, and writes nothing', async () => {
    const wrong = {...artifacts(ramp(4)), weightData: ramp(5).buffer};
    await expect(modelFolder(folder).save(wrong)).rejects.toMatchObject({code: 'invalid-model'});
    expect(await readdir(folder)).toEqual([]);
  });

  test('a folder without a model', async () => {
    await expect(modelFolder(folder).load()).rejects.toMatchObject({code: 'file-not-found'});
  });

  test.each([
    ['changed', (bytes: Buffer) => bytes.fill(1, 8, 9)],
    ['cut', (bytes: Buffer) => bytes.subarray(0, 39)],
  ])('a weight file that was %s', async (_, damage) => {
    await modelFolder(folder).save(artifacts(ramp(10)));
    const path = join(folder, (await weightFiles())[0]!);
    await writeFile(path, damage(await readFile(path)));
    await expect(modelFolder(folder).load()).rejects.toMatchObject({code: 'corrupt-file'});
  });

  test('a plain weight file that is too short', async () => {
    await writeFile(join(folder, 'group1-shard1of1.bin'), new Uint8Array(7));
    await writeFile(
      join(folder, 'model.json'),
      JSON.stringify({
        modelTopology: {},
        weightsManifest: [{paths: ['group1-shard1of1.bin'], weights: [{name: 'a', shape: [2], dtype: 'float32'}]}],
      }),
    );
    await expect(modelFolder(folder).load()).rejects.toThrow('hold 1 bytes too few');
  });

  const weight = {name: 'a', shape: [1], dtype: 'float32'};
  test.each([
    ['not JSON', '{"modelTopology": {'],
    ['null', 'null'],
    ['no topology', '{}'],
    ['no manifest', '{"modelTopology": {}}'],
    ['a path outside', {paths: ['../../secret'], weights: [weight]}],
    ['an absolute path', {paths: ['/etc/passwd'], weights: [weight]}],
    ['a URL', {paths: ['http://x/y'], weights: [weight]}],
    ['the same name twice', {paths: [], weights: [weight, weight]}],
    ['a negative size', {paths: [], weights: [{...weight, shape: [-1]}]}],
    ['an unknown dtype', {paths: [], weights: [{...weight, dtype: 'string'}]}],
    ['an inherited dtype', {paths: [], weights: [{...weight, dtype: 'toString'}]}],
    ['a null weight', {paths: [], weights: [null]}],
    ['a null quantization', {paths: [], weights: [{...weight, quantization: null}]}],
    ['an immense weight', {paths: [], weights: [{...weight, shape: [2 ** 40, 2 ** 40]}]}],
  ])('model.json with %s', async (_, content) => {
    const text =
      typeof content === 'string' ? content : JSON.stringify({modelTopology: {}, weightsManifest: [content]});
    await writeFile(join(folder, 'model.json'), text);
    await expect(modelFolder(folder).load()).rejects.toMatchObject({code: 'invalid-model'});
  });
});

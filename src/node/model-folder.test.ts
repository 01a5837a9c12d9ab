import {chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import {layers, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {modelFolder} from './model-folder.ts';

const leaks = checkLeaks();

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
    leaks.expect(1);
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

  test('replaces the old model and removes its weight files', async () => {
    await modelFolder(folder).save(artifacts(ramp(10)));
    const old = await weightFiles();
    await modelFolder(folder).save(artifacts(ramp(10, 1)));
    const names = await readdir(folder);
    expect(names).toHaveLength(2);
    expect(names).not.toContain(old[0]);
  });

  test('removes only what the model.json it replaces named, and no other .json of the folder names', async () => {
    await modelFolder(folder).save(artifacts(ramp(10)));
    const [shared] = await weightFiles();
    await modelFolder(join(folder, 'second.json')).save(artifacts(ramp(10)));
    const others = ['weights-0123456789abcdef.bin', 'group1-shard1of1.bin', '.model.json.1-0.tfmot-tmp', 'notes.txt'];
    for (const name of others) await writeFile(join(folder, name), '');
    await modelFolder(folder).save(artifacts(ramp(10, 1)));
    const kept = [...others, 'model.json', 'second.json', shared];
    expect(await readdir(folder)).toEqual(expect.arrayContaining(kept));
    await modelFolder(join(folder, 'second.json')).save(artifacts(ramp(10, 1)));
    expect(await readdir(folder)).not.toContain(shared);
    expect(await readdir(folder)).toHaveLength(kept.length);
  });

  test('a broken model.json, or one that names the files of others, is replaced and takes nothing with it', async () => {
    const named = ['notes.txt', '../x', 'sub/weights-0123456789abcdef.bin'];
    await mkdir(join(folder, 'sub'));
    for (const name of ['notes.txt', 'sub/weights-0123456789abcdef.bin']) await writeFile(join(folder, name), '');
    for (const text of ['{', JSON.stringify({modelTopology: {}, weightsManifest: [{paths: named, weights: []}]})]) {
      await writeFile(join(folder, 'model.json'), text);
      await modelFolder(folder).save(artifacts(ramp(3)));
      expect((await modelFolder(folder).load()).weightData).toEqual(ramp(3).buffer);
      expect(await readdir(folder)).toContain('notes.txt');
      expect(await readdir(join(folder, 'sub'))).toHaveLength(1);
    }
  });

  test('saves at once through any way to a folder end with the last model, whole', async () => {
    await mkdir(join(folder, 'real'));
    await symlink(join(folder, 'real'), join(folder, 'link'));
    const ways = ['real', 'link', 'real/model.json', 'link/model.json', 'link/../real/'].map(way => join(folder, way));
    await Promise.all(ways.map((way, index) => modelFolder(way).save(artifacts(ramp(1_100_000, index)))));
    for (const way of ways) expect((await modelFolder(way).load()).weightData).toEqual(ramp(1_100_000, 4).buffer);
    expect(await readdir(join(folder, 'real'))).toHaveLength(3);
  });

  test('two models of one folder, saved at once, both stay', async () => {
    const [a, b] = [modelFolder(join(folder, 'a.json')), modelFolder(join(folder, 'b.json'))];
    for (let round = 0; round < 5; round++) {
      // Each is saved with what the other one had before.
      await Promise.all([a.save(artifacts(ramp(10, round))), b.save(artifacts(ramp(10, round + 1)))]);
      expect((await a.load()).weightData).toEqual(ramp(10, round).buffer);
      expect((await b.load()).weightData).toEqual(ramp(10, round + 1).buffer);
      expect(await weightFiles()).toHaveLength(2);
    }
  });

  test('weights that repeat are in files of different names', async () => {
    const zeros = new Float32Array(3 * 1024 * 1024);
    await modelFolder(folder).save(artifacts(zeros));
    expect(await weightFiles()).toHaveLength(3);
    expect((await modelFolder(folder).load()).weightData).toEqual(zeros.buffer);
    await modelFolder(folder).save(artifacts(ramp(1)));
    expect(await weightFiles()).toHaveLength(1);
  });

  test('weights of strings, whose length only the data says', async () => {
    const texts = ['', 'ä', 'three'].map(text => Buffer.from(text));
    const strings = Buffer.concat(texts.flatMap(text => [Buffer.from(Uint32Array.of(text.length).buffer), text]));
    const bytes = Buffer.concat([strings, Buffer.from(ramp(2).buffer)]);
    const model = (weightData: Uint8Array): ModelArtifacts => ({
      modelTopology: {},
      weightSpecs: [
        {name: 'words', shape: [3], dtype: 'string'},
        {name: 'kernel', shape: [2], dtype: 'float32'},
      ],
      weightData: Uint8Array.from(weightData).buffer,
    });
    await modelFolder(folder).save(model(bytes));
    expect(Buffer.from((await modelFolder(folder).load()).weightData as ArrayBuffer).equals(bytes)).toBe(true);
    for (const wrong of [bytes.subarray(1), bytes.subarray(0, -1), Buffer.concat([bytes, bytes.subarray(0, 1)])]) {
      await expect(modelFolder(folder).save(model(wrong))).rejects.toMatchObject({code: 'invalid-model'});
      const json = await readFile(join(folder, 'model.json'), 'utf8');
      await writeFile(join(folder, 'other.json'), json.replace(/weights-[^"]*/, 'w.bin'));
      await writeFile(join(folder, 'w.bin'), wrong);
      const loading = modelFolder(join(folder, 'other.json')).load();
      await expect(loading).rejects.toMatchObject({code: expect.stringMatching(/invalid-model|corrupt-file/)});
    }
  });

  test('a weight file that is there already is kept when it is whole, and mended when it is not', async () => {
    await modelFolder(folder).save(artifacts(ramp(10)));
    const path = join(folder, (await weightFiles())[0]!);
    const {ino} = await stat(path);
    await modelFolder(folder).save(artifacts(ramp(10)));
    expect((await stat(path)).ino).toBe(ino);
    await writeFile(path, 'x'.repeat(40));
    await modelFolder(folder).save(artifacts(ramp(10)));
    expect((await modelFolder(folder).load()).weightData).toEqual(ramp(10).buffer);
  });

  test.skipIf(process.platform === 'win32')('the mode of model.json is kept, for its weight files too', async () => {
    await modelFolder(folder).save(artifacts(ramp(10)));
    for (const [round, mode] of [0o600, 0o640, 0o664].entries()) {
      await chmod(join(folder, 'model.json'), mode);
      await modelFolder(folder).save(artifacts(ramp(10, round + 1)));
      for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(mode);
    }
  });

  test('links in the folder are refused, or followed where that is asked for', async () => {
    const store = join(folder, 'store');
    const snapshot = join(folder, 'snapshot');
    await modelFolder(store).save(artifacts(ramp(10)));
    await mkdir(snapshot);
    for (const name of await readdir(store)) await symlink(join(store, name), join(snapshot, name));
    await expect(modelFolder(snapshot).load()).rejects.toMatchObject({code: 'read-failed'});
    await expect(modelFolder(snapshot).save(artifacts(ramp(1)))).rejects.toMatchObject({code: 'write-failed'});
    const following = modelFolder(snapshot, {followLinks: true});
    expect((await following.load()).weightData).toEqual(ramp(10).buffer);
    await following.save({...artifacts(ramp(10)), userDefinedMetadata: {note: 1}});
    expect((await following.load()).userDefinedMetadata).toEqual({note: 1});
    expect((await modelFolder(store).load()).userDefinedMetadata).toEqual({note: 1});
    for (const name of await readdir(snapshot)) expect((await lstat(join(snapshot, name))).isSymbolicLink()).toBe(true);
  });

  test.each([
    ['a path', () => modelFolder(undefined as never)],
    ['an empty path', () => modelFolder('')],
    ['an unknown option', () => modelFolder('x', {followlinks: true} as object)],
  ])('%s is checked when the handler is made', (_, make) => {
    expect(make).toThrow(expect.objectContaining({code: 'invalid-argument'}));
  });

  test('until model.json is renamed, the old model stays', async () => {
    await modelFolder(folder).save(artifacts(ramp(10)));
    const other = join(folder, 'other.json'); // A folder with something in it cannot be renamed over.
    await mkdir(join(other, 'x'), {recursive: true});
    await expect(modelFolder(other).save(artifacts(ramp(10, 1)))).rejects.toMatchObject({code: 'write-failed'});
    expect(new Float32Array((await modelFolder(folder).load()).weightData as ArrayBuffer)).toEqual(ramp(10));
  });

  const circular: Record<string, unknown> = {};
  circular['itself'] = circular;
  test.each([
    ['weight specs that do not fit the data', {weightData: ramp(5).buffer}],
    ['no topology', {modelTopology: undefined}],
    ['a topology that is no JSON', {modelTopology: circular}],
  ])('refuses %s, and writes nothing', async (_, wrong) => {
    const model = {...artifacts(ramp(4)), ...wrong} as ModelArtifacts;
    await expect(modelFolder(join(folder, 'a')).save(model)).rejects.toMatchObject({code: 'invalid-model'});
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

  test('more weight files than are open at once', async () => {
    const paths = Array.from({length: 600}, (_, index) => `part${index}.bin`);
    for (const [index, path] of paths.entries())
      await writeFile(join(folder, path), new Uint8Array(index % 3).fill(index));
    const weights = [{name: 'a', shape: [600], dtype: 'bool'}];
    const json = {modelTopology: {}, weightsManifest: [{paths, weights}]};
    await writeFile(join(folder, 'model.json'), JSON.stringify(json));
    const {weightData} = await modelFolder(folder).load();
    const expected = paths.flatMap((_, index) => Array(index % 3).fill(index % 256));
    expect([...new Uint8Array(weightData as ArrayBuffer)]).toEqual(expected);
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
    ['an unknown dtype', {paths: [], weights: [{...weight, dtype: 'float64'}]}],
    ['an inherited dtype', {paths: [], weights: [{...weight, dtype: 'toString'}]}],
    ['a weight file twice', {paths: ['w.bin', 'w.bin'], weights: [weight]}],
    ['a weight file twice, by another path', {paths: ['w.bin', './/w.bin'], weights: [weight]}],
    ['very many weight files', {paths: Array.from({length: 200_000}, (_, i) => `w${i}.bin`), weights: []}],
    ['very many times one weight file', {paths: Array(200_000).fill('w.bin'), weights: []}],
    [
      'a path nested without end',
      `{"modelTopology": {}, "weightsManifest": [{"paths": [${'['.repeat(50_000)}${']'.repeat(50_000)}], "weights": []}]}`,
    ],
    [
      'a shape nested without end',
      `{"modelTopology": {}, "weightsManifest": [{"paths": [], "weights": [{"name": "a", "dtype": "float32", "shape": ${'['.repeat(50_000)}${']'.repeat(50_000)}}]}]}`,
    ],
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

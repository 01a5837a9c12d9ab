import {execFileSync} from 'node:child_process';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {compressedFile} from '../node/compressed-file.ts';
import {modelFolder} from '../node/model-folder.ts';
import {artifacts, tfmot} from './_run.ts';
import {findModel, lookAt} from './model-path.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-path-'));
  await modelFolder(at('model')).save(artifacts());
  await compressedFile(at('packed.bin')).save(artifacts());
});
afterAll(() => rm(folder, {recursive: true}));

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
/** The head of a zip archive, as its first entry begins it. */
const zip = (name: string): Buffer =>
  text(`PK\x03\x04\x14${'\0'.repeat(21)}${String.fromCharCode(name.length)}\0\0\0${name}`);
const specs = [{paths: ['group1-shard1of1.bin'], weights: []}];

/** Files that are no models of ours, by what their bytes say; the names say nothing. */
const FOREIGN: readonly (readonly [what: string, advice: string, content: Buffer])[] = [
  ['a model of PyTorch', 'as ONNX', zip('archive/data.pkl')],
  ['a model of PyTorch', 'as ONNX', text('\x80\x02}q\0(X')],
  ['a zip archive', 'Unpack it', zip('model/model.json')],
  ['a gzip archive', 'Unpack it', text('\x1f\x8b\x08\0')],
  [
    'the saved_model.pb of a TensorFlow SavedModel',
    '--input_format=keras_saved_model --output_format=tfjs_layers_model ',
    text('\x08\x01\x12\xaa\x05\n\x10'),
  ],
  ['a frozen TensorFlow graph (.pb)', 'TensorFlow 1', text('\n\x3b\n\x01x\x12\x0bPlaceholder*\n')],
  ['a frozen TensorFlow graph (.pb)', 'TensorFlow 1', text('\n\xc4\x13\n\x0cconv1/kernel\x12\x05Const*\n')],
  ['NumPy arrays', 'Name the model', text('\x93NUMPY\x01\0')],
  ['a safetensors file', 'as ONNX', text('\x40\0\0\0\0\0\0\0{"__metadata__":{}')],
  ['a page of HTML', 'fetch the model again', text('<!DOCTYPE html>\n<html>')],
  ['a Git LFS pointer', 'git lfs pull', text('version https://git-lfs.github.com/spec/v1\n')],
  ['the architecture of a model without its weights', 'whole model', json({modelTopology: {class_name: 'Sequential'}})],
  ['the architecture of a model without its weights', 'whole model', json({class_name: 'Sequential', config: []})],
  ['JSON that is broken or cut short', 'again', text('{"modelTopology": {')],
  ['JSON, but no model of TensorFlow.js', 'Name a model.json', json([1, 2])],
  ['JSON, but no model of TensorFlow.js', 'Name a model.json', json({modelTopology: null})],
  ['no model of a known kind', 'Name a folder', text('no')],
];

/** Files of other toolkits that are read, as they begin; these break off there. */
const READ: readonly (readonly [what: string, content: Buffer])[] = [
  ['a Keras model in HDF5', text('\x89HDF\r\n\x1a\n\0\0\0model_config\0')],
  ['a Keras model in a zip', Buffer.concat([zip('metadata.json'), zip('config.json')])],
  ['a TensorFlow Lite model', text('\x1c\0\0\0TFL3\x14\0')],
  ['an ONNX model', text('\x08\x08\x12\x07pytorch\x1a\x032.1')],
  ['an ONNX model', text('\x08\x07\x3a\xdd\x1d\n\x4c')],
];

describe('what stands at a path', () => {
  test.each(READ)('%s, by its content; broken off it is refused', async (_, content) => {
    await writeFile(at('read.dat'), content);
    expect(await lookAt(at('read.dat'))).toEqual({kind: 'file', file: at('read.dat')});
    expect((await tfmot('inspect', at('read.dat'))).code).toBe(1);
  });

  test('a graph model is one', async () => {
    await mkdir(at('graph'));
    await writeFile(at('graph/model.json'), json({modelTopology: {node: []}, weightsManifest: specs}));
    expect(await lookAt(at('graph'))).toEqual({kind: 'folder', file: at('graph/model.json')});
  });

  test.each(FOREIGN)('%s, by its content', async (what, advice, content) => {
    const [path, home] = [at('lone/file.dat'), at('foreign')];
    await mkdir(dirname(path), {recursive: true});
    await mkdir(home, {recursive: true});
    await writeFile(path, content);
    expect(await lookAt(path)).toMatchObject({kind: 'foreign', what: expect.stringContaining(what)});
    const {code, stderr} = await tfmot('inspect', path);
    expect(code).toBe(1);
    expect(stderr.replace(/\n +/g, ' ')).toContain(`${path} is ${what}`);
    expect(stderr.replace(/\n +/g, ' ')).toContain(advice);

    // The same where a folder's model.json should be.
    await writeFile(join(home, 'model.json'), content);
    await expect(findModel(home)).rejects.toMatchObject({code: 'unsupported-model'});
  });

  test('a model by its content, whatever its name', async () => {
    expect(await findModel(at('model'))).toEqual({kind: 'folder', file: at('model/model.json')});
    expect(await findModel(at('model/model.json'))).toEqual({kind: 'folder', file: at('model/model.json')});
    expect(await findModel(at('packed.bin'))).toEqual({kind: 'tfmz', file: at('packed.bin')});
    expect((await tfmot('inspect', at('packed.bin'))).code).toBe(0);
  });

  test('folders, devices and nothing', async () => {
    await mkdir(at('empty'));
    await mkdir(at('saved'));
    await writeFile(at('saved/saved_model.pb'), 'x');
    await writeFile(at('model.h5'), '');
    execFileSync('mkfifo', [at('pipe')]);
    expect(await lookAt(at('nothing'))).toEqual({kind: 'nothing'});
    expect(await lookAt(at('model.h5/below'))).toEqual({kind: 'nothing'});
    expect(await lookAt(at('empty'))).toEqual({kind: 'empty'});
    expect(await lookAt(at('model.h5'))).toEqual({kind: 'empty'});
    expect(await lookAt(at('pipe'))).toMatchObject({kind: 'foreign', what: 'a device or a pipe'});
    expect(await lookAt(at('saved'))).toMatchObject({kind: 'foreign', what: 'a TensorFlow SavedModel'});
    await expect(findModel(folder)).rejects.toThrow(`${at('model')}, ${at('model.h5')}, if it is the model`);
    await expect(findModel(at('model/weights.bin'))).rejects.toMatchObject({code: 'file-not-found'});
    await expect(findModel(at('modle'))).rejects.toThrow(`Did you mean ${at('model')}?`);
  });

  test('a weight file is not its model', async () => {
    await writeFile(at('model/group1-shard1of1.bin'), Buffer.alloc(64, 0x3f));
    await expect(findModel(at('model/group1-shard1of1.bin'))).rejects.toThrow(at('model/model.json'));
  });
});

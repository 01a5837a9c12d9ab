import {cp, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {compress} from '../compression/compress.ts';
import {openFile} from './open-file.ts';

const fixture = (path: string): string => fileURLToPath(new URL(`../../test/fixtures/${path}`, import.meta.url));

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-open-'));
  await cp(fixture('graph-model/tiny-f32'), at('graph'), {recursive: true});
});
afterAll(() => rm(folder, {recursive: true}));

test('a folder, its model.json, and a link to it are one model', async () => {
  await symlink(at('graph'), at('link'));
  for (const path of ['graph', 'graph/model.json', 'link']) {
    const model = await openFile(at(path));
    expect(model.format).toBe('tfjs-graph');
    expect(model.weights.length).toBe(17);
  }
});

test('files of other toolkits and .tfmz, whatever they are called', async () => {
  const graph = await openFile(at('graph'));
  await writeFile(at('packed.bin'), await compress(graph));
  expect((await openFile(at('packed.bin'))).format).toBe('tfjs-graph');
  expect((await openFile(fixture('keras-files/half.k2.h5'))).format).toBe('keras-h5');
  expect((await openFile(fixture('tflite/samples/tiny-f32.tflite'))).format).toBe('tflite');
});

test('what is not there, or is no model, is refused', async () => {
  await writeFile(at('notes.txt'), 'a day of work');
  await expect(openFile(at('nothing'))).rejects.toMatchObject({code: 'file-not-found'});
  await expect(openFile(at('notes.txt'))).rejects.toMatchObject({code: 'corrupt-file'});
  await expect(openFile('')).rejects.toMatchObject({code: 'invalid-argument'});
  await expect(openFile(at('graph'), {maxByte: 1} as never)).rejects.toMatchObject({code: 'invalid-argument'});
});

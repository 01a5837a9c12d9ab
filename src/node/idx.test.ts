import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {readIdx} from './idx.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-idx-'));
});
afterAll(() => rm(folder, {recursive: true}));

const file = async (...bytes: number[]): Promise<string> => {
  const path = join(folder, 'file');
  await writeFile(path, Uint8Array.from(bytes));
  return path;
};

test('reads shape and elements', async () => {
  const path = await file(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255);
  expect(await readIdx(path)).toEqual({shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 255)});
});

test.each([
  ['empty', []],
  ['a gzip file', [0x1f, 0x8b, 8, 0]],
  ['floats', [0, 0, 0x0d, 1, 0, 0, 0, 0]],
  ['no axes', [0, 0, 8, 0]],
  ['a cut header', [0, 0, 8, 2, 0, 0, 0, 1]],
  ['an element too few', [0, 0, 8, 1, 0, 0, 0, 2, 1]],
  ['an element too many', [0, 0, 8, 1, 0, 0, 0, 2, 1, 1, 1]],
  ['an immense size', [0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255]],
])('refuses %s', async (_, bytes) => {
  await expect(readIdx(await file(...bytes))).rejects.toMatchObject({code: 'corrupt-file'});
});

test('names a missing file', async () => {
  await expect(readIdx(join(folder, 'nothing'))).rejects.toMatchObject({code: 'file-not-found'});
});

import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {writeFileAtomic} from './atomic.ts';
import {compressedFile} from './compressed-file.ts';
import {type ModelFile, modelFolder} from './model-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-order-'));
});
afterEach(() => rm(folder, {recursive: true}));

/** The smaller the value, the longer it takes to make a file of it. */
const model = (value: number): ModelArtifacts => {
  const weights = new Float32Array(20_000 - 4_000 * value).fill(value);
  return {
    modelTopology: {value},
    weightSpecs: [{name: 'a', shape: [weights.length], dtype: 'float32'}],
    weightData: weights.buffer,
  };
};
const valueIn = async (file: ModelFile): Promise<unknown> =>
  ((await file.load()).modelTopology as {value: unknown}).value;

test.each([
  {
    name: 'modelFolder',
    save: (path: string, value: number) => modelFolder(path).save(model(value)),
    load: (path: string) => valueIn(modelFolder(path)),
  },
  {
    name: 'compressedFile',
    save: (path: string, value: number) => compressedFile(path).save(model(value)),
    load: (path: string) => valueIn(compressedFile(path)),
  },
  {
    name: 'writeFileAtomic',
    save: (path: string, value: number) => writeFileAtomic(path, [JSON.stringify(value)]),
    load: async (path: string) => JSON.parse(await readFile(path, 'utf8')) as unknown,
  },
])('$name: of saves at once, also to a folder that is new, the last call is the last to save', async ({save, load}) => {
  for (let round = 0; round < 5; round++) {
    const path = join(folder, `round${round}`, 'to');
    await Promise.all([1, 2, 3, 4].map(value => save(path, value)));
    expect(await load(path)).toBe(4);
    expect(await readdir(join(folder, `round${round}`))).toEqual(['to']);
  }
});

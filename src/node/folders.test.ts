import {existsSync} from 'node:fs';
import {mkdir, mkdtemp, readdir, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {makeFolders, unmakeFolders} from './folders.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-folders-'));
});
afterEach(() => rm(folder, {recursive: true}));

test('makes what is missing, outermost first, and removes it again', async () => {
  await mkdir(join(folder, 'a'));
  const made: string[] = [];
  await makeFolders(join(folder, 'a/b/c'), made);
  expect(made).toEqual([join(folder, 'a/b'), join(folder, 'a/b/c')]);
  await makeFolders(join(folder, 'a/b/c'), made);
  expect(made).toHaveLength(2);
  await unmakeFolders(made);
  expect(await readdir(join(folder, 'a'))).toEqual([]);
});

test('only empty folders are removed', async () => {
  const made: string[] = [];
  await makeFolders(join(folder, 'a/b'), made);
  await writeFile(join(folder, 'a/x'), '');
  await unmakeFolders(made);
  expect(await readdir(join(folder, 'a'))).toEqual(['x']);
});

test('two calls at once both end with the folder', async () => {
  const path = join(folder, 'a/b/c/d');
  await Promise.all(Array.from({length: 8}, () => makeFolders(path, [])));
  expect(existsSync(path)).toBe(true);
});

test.each([
  ['a file on the way', 'file/x', 'ENOTDIR'],
  ['a file in its place', 'file', 'EEXIST'],
  ['a link that leads nowhere', 'link', 'EEXIST'],
])('%s is an error', async (_, name, code) => {
  await writeFile(join(folder, 'file'), '');
  await symlink(join(folder, 'nothing'), join(folder, 'link'));
  await expect(makeFolders(join(folder, name), [])).rejects.toMatchObject({code});
});

test.skipIf(!existsSync('/proc/self'))('a file system that has no such folder gives an error, not a loop', async () => {
  const made: string[] = [];
  await expect(makeFolders('/proc/tfmot/x', made)).rejects.toMatchObject({code: 'ENOENT'});
  expect(made).toEqual([]);
});

import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {writeFileAtomic} from './atomic.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-atomic-'));
});
afterEach(() => rm(folder, {recursive: true}));

const isRoot = process.getuid?.() === 0;

test('writes parts one after another, into folders that it makes', async () => {
  await writeFileAtomic(at('a/b/file'), ['one', new Uint8Array([32]), 'two']);
  expect(await readFile(at('a/b/file'), 'utf8')).toBe('one two');
  expect(await readdir(at('a/b'))).toEqual(['file']);
});

test('writes at once end with one of them, whole', async () => {
  const contents = Array.from({length: 20}, (_, index) => String(index).repeat(10_000));
  await Promise.all(contents.map(content => writeFileAtomic(at('file'), [content])));
  expect(await readFile(at('file'), 'utf8')).toBe(contents.at(-1));
  expect(await readdir(folder)).toEqual(['file']);
});

test.skipIf(process.platform === 'win32').each([0o600, 0o640, 0o664, 0o444, 0o755])('mode %o is kept', async mode => {
  await writeFile(at('file'), 'old');
  await chmod(at('file'), mode);
  await writeFileAtomic(at('file'), ['new']);
  expect((await stat(at('file'))).mode & 0o7777).toBe(mode);
  expect(await readFile(at('file'), 'utf8')).toBe('new');
});

test.skipIf(!isRoot)("another user's file stays that user's", async () => {
  await writeFile(at('file'), 'old');
  await chown(at('file'), 1234, 2345);
  await writeFileAtomic(at('file'), ['new']);
  expect(await stat(at('file'))).toMatchObject({uid: 1234, gid: 2345});
});

test('names as long as a file system allows', async () => {
  for (const name of ['x'.repeat(255), 'ä'.repeat(127)]) {
    await writeFileAtomic(at(name), ['content']);
    expect(await readFile(at(name), 'utf8')).toBe('content');
  }
});

test('a link is refused, or followed and kept', async () => {
  await mkdir(at('elsewhere'));
  await writeFile(at('elsewhere/real'), 'old');
  await symlink('elsewhere/real', at('link'));
  await expect(writeFileAtomic(at('link'), ['new'])).rejects.toMatchObject({code: 'write-failed'});
  expect(await readFile(at('elsewhere/real'), 'utf8')).toBe('old');
  await writeFileAtomic(at('link'), ['new'], {followLinks: true});
  expect(await readlink(at('link'))).toBe('elsewhere/real');
  expect(await readFile(at('elsewhere/real'), 'utf8')).toBe('new');
  expect((await readdir(folder)).sort()).toEqual(['elsewhere', 'link']);
  await writeFileAtomic(at('plain'), ['new'], {followLinks: true});
  expect(await readFile(at('plain'), 'utf8')).toBe('new');
});

test.each([
  ['a link that leads nowhere', at => symlink(at('nothing'), at('x')), {followLinks: true}],
  ['a link in a circle', at => symlink(at('x'), at('x')), {followLinks: true}],
  ['a folder', at => mkdir(at('x')), undefined],
  ['a file as its folder', at => writeFile(at('x'), ''), undefined],
] as [string, (name: (name: string) => string) => Promise<void>, object | undefined][])(
  '%s is refused, and nothing is left',
  async (name, make, options) => {
    await make(at);
    const path = name === 'a file as its folder' ? at('x/y/z') : at('x');
    await expect(writeFileAtomic(path, ['new'], options)).rejects.toMatchObject({code: 'write-failed'});
    expect(await readdir(folder)).toEqual(['x']);
  },
);

test.skipIf(process.platform !== 'linux').each(['/proc/tfmot', '/proc/tfmot/x/y', '/sys/tfmot/x', '/'])(
  '%s cannot be written, and does not hang',
  async path => {
    await expect(writeFileAtomic(path, ['x'])).rejects.toMatchObject({code: 'write-failed'});
  },
);

test.each([[undefined], [''], ['a\0b'], [5]])('%o is no path', async path => {
  await expect(writeFileAtomic(path as string, [])).rejects.toMatchObject({code: 'invalid-argument'});
});

test('an unknown option is refused before anything is written', async () => {
  const options = {follow: true} as object;
  await expect(writeFileAtomic(at('a/file'), ['x'], options)).rejects.toMatchObject({code: 'invalid-argument'});
  expect(await readdir(folder)).toEqual([]);
});

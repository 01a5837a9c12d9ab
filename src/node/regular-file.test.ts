import {execFileSync} from 'node:child_process';
import {link, mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {readNamed, readRegular} from './read-file.ts';
import {followsLinks, lookAt, openSeen, replaceable} from './regular-file.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-regular-'));
  await mkdir(at('sub'));
  for (const name of ['file', 'sub/file']) await writeFile(at(name), 'content');
});
afterEach(() => rm(folder, {recursive: true}));

const isRoot = process.getuid?.() === 0;
const text = async (name: string, followLinks = false): Promise<string> =>
  Buffer.from((await readRegular(folder, name, followLinks)).bytes).toString();

/** Everything that is not a regular file, by what a message calls it. */
const SPECIAL: readonly (readonly [kind: string, make: (path: string) => Promise<unknown>])[] = [
  ['a folder', path => mkdir(path)],
  ['a FIFO', async path => execFileSync('mkfifo', [path])],
  ['a socket', path => new Promise<void>(done => createServer().unref().listen(path, done))],
];
const DEVICE = ['a device', async (path: string) => execFileSync('mknod', [path, 'c', '1', '5'])] as const;
const KINDS = process.platform === 'win32' ? SPECIAL.slice(0, 1) : isRoot ? [...SPECIAL, DEVICE] : SPECIAL;

describe.each(KINDS)('%s', (kind, make) => {
  test('is not opened for reading, by itself or through a link', async () => {
    await make(at('special'));
    await symlink(at('special'), at('link'));
    const readings = [
      () => text('special'),
      () => text('special', true),
      () => text('link', true),
      () => readNamed(at('special')),
    ];
    for (const read of readings) {
      await expect(read()).rejects.toMatchObject({code: 'read-failed', message: expect.stringContaining(kind)});
    }
  });

  test('that takes the place of a file which is about to be opened is noticed', async () => {
    for (const followLinks of [false, true]) {
      const seen = await lookAt(folder, 'file', followLinks);
      await unlink(at('file'));
      await make(at('file'));
      await expect(openSeen(seen)).rejects.toMatchObject({code: 'read-failed'});
      await rm(at('file'), {recursive: true});
      await writeFile(at('file'), 'content');
    }
  });

  test('is not replaced', async () => {
    await make(at('special'));
    await expect(replaceable(at('special'))).rejects.toMatchObject({
      code: 'write-failed',
      message: expect.stringContaining(kind),
    });
  });
});

test('a regular file, hard links included', async () => {
  await link(at('file'), at('second'));
  for (const name of ['file', 'second', 'sub/file', './sub/../file']) expect(await text(name)).toBe('content');
  expect(await replaceable(at('file'))).toMatchObject({size: 7n});
  expect(await replaceable(at('none'))).toBeUndefined();
});

test.each(['none', 'none/file', 'file/file'])('%s is not there', async name => {
  await expect(text(name)).rejects.toMatchObject({code: 'file-not-found'});
});

test('a link is followed only where that is asked for, wherever in the path it stands', async () => {
  await symlink(at('file'), at('link'));
  await symlink(at('sub'), at('way'));
  await mkdir(at('deep'));
  await symlink(at('sub'), at('deep/way'));
  for (const name of ['link', 'way/file', 'deep/way/file', 'deep/../way/file']) {
    await expect(text(name)).rejects.toMatchObject({
      code: 'read-failed',
      message: expect.stringMatching(/symbolic link.*followLinks: true/),
    });
    expect(await text(name, true)).toBe('content');
  }
  await expect(replaceable(at('link'))).rejects.toMatchObject({code: 'write-failed'});
});

test('the folder itself may be a link, and a file that the user names as well', async () => {
  await symlink(folder, at('self'));
  await symlink(at('file'), at('link'));
  expect(Buffer.from((await readRegular(at('self'), 'sub/file', false)).bytes).toString()).toBe('content');
  expect(Buffer.from(await readNamed(at('link'))).toString()).toBe('content');
});

test('links in a circle or to nothing', async () => {
  await symlink(at('b'), at('a'));
  await symlink(at('a'), at('b'));
  await symlink(at('nothing'), at('dangling'));
  await expect(text('a', true)).rejects.toMatchObject({code: 'read-failed'});
  await expect(text('dangling', true)).rejects.toMatchObject({code: 'file-not-found'});
});

test('a file that another one replaces before it is opened gives the other one', async () => {
  const seen = await lookAt(folder, 'file', false);
  await writeFile(at('new'), 'another one');
  await rename(at('new'), at('file'));
  const {stats, handle} = await openSeen(seen);
  expect(stats.size).toBe(11n);
  await handle.close();
});

test('a link that takes the place of a file before it is opened is refused', async () => {
  const seen = await lookAt(folder, 'file', false);
  await unlink(at('file'));
  await symlink(at('sub/file'), at('file'));
  await expect(openSeen(seen)).rejects.toMatchObject({code: 'read-failed'});
});

test('a file that is larger than it may be', async () => {
  await expect(readRegular(folder, 'file', false, 6)).rejects.toThrow('at most 6 bytes, but has 7');
  expect((await readRegular(folder, 'file', false, 7)).bytes).toHaveLength(7);
});

test.each([
  [{followlinks: true}, 'Did you mean followLinks?'],
  [{follow_links: true}, 'Did you mean followLinks?'],
  [{recursive: true}, 'It knows followLinks.'],
  [{followLinks: 'yes'}, 'true or false, but is "yes"'],
])('options %o', (options, message) => {
  expect(() => followsLinks(options as never, 'modelFolder')).toThrow(message);
});

import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {compressedFile, modelFolder, writeFileAtomic} from 'tfjs-model-optimization/node';
import {afterAll, beforeEach, describe, expect, test} from 'vitest';
import {FULL, unmet} from '../_needs.ts';
import {modelOf, valueIn} from './_models.ts';

const PAGE = 4096;
const PAGES = 4096;
const FILES = 40;
/** Before and after each of the files that a save to a folder writes. */
const MANY_PAGES = [0, 1, 2, 3, 4, 5, 1000, 1024, 1025, 1026, 1027, 1028, 1030, 1075, 1076, 1077, 1078, 1079, 1080];

/** A small disk of our own; undefined without the rights to have one, which a test that is skipped then shows. */
const disk = ((): string | undefined => {
  const folder = mkdtempSync(join(tmpdir(), 'tfmot-disk-'));
  try {
    const options = `size=${PAGES * PAGE},nr_inodes=${FILES}`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], {stdio: 'ignore'});
    return folder;
  } catch {
    rmSync(folder, {recursive: true});
    return undefined;
  }
})();
afterAll(() => {
  if (disk === undefined) return;
  execFileSync('umount', [disk]);
  rmSync(disk, {recursive: true});
});

/** Every path of the disk with its mode and what it holds. */
function contents(): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of readdirSync(disk!, {recursive: true}) as string[]) {
    const stats = statSync(join(disk!, name));
    found[name] = [stats.mode, stats.isFile() ? readFileSync(join(disk!, name)).toString('base64') : ''];
  }
  return found;
}

/** Leaves so many pages, or so many files and folders, free. */
function leavePages(free: number): void {
  const used = Number(execFileSync('stat', ['-f', '-c', '%b %f', disk!]).toString().split(' ')[1]);
  writeFileSync(join(disk!, 'filler'), new Uint8Array(Math.max(0, used - free) * PAGE));
}
function leaveFiles(free: number): void {
  const left = Number(execFileSync('stat', ['-f', '-c', '%d', disk!]).toString());
  for (let index = 0; index < left - free; index++) writeFileSync(join(disk!, `filler${index}`), '');
}

const TARGETS = [
  // Two weight files: 1024 pages and 51.
  {name: 'a folder', place: 'new/model', enough: 1090, file: modelFolder, weights: 1_100_000},
  {name: 'a .tfmz', place: 'new/model.tfmz', enough: 60, file: compressedFile, weights: 10},
  {name: 'a new folder', place: 'other/model', enough: 1090, file: modelFolder, weights: 1_100_000},
] as const;
const SPACES = [
  {
    name: 'pages',
    leave: leavePages,
    amounts: FULL ? MANY_PAGES : [0, 2, 1026, 1077],
  },
  {name: 'files', leave: leaveFiles, amounts: FULL ? [0, 1, 2, 3, 4, 5, 6, 7, 8] : [0, 2, 4]},
] as const;

const needs = unmet({isMet: disk !== undefined, by: 'the right to mount a disk'});
describe.skipIf(needs)(`on a full disk${needs}`, () => {
  beforeEach(() => {
    for (const name of readdirSync(disk!)) rmSync(join(disk!, name), {recursive: true});
  });

  describe.each(TARGETS)('$name', ({place, enough, file, weights}) => {
    test.each(SPACES)('a save that finds too few $name free changes nothing', async ({leave, amounts}) => {
      const old = file(join(disk!, 'new', place.split('/')[1]!));
      await old.save(modelOf(1, weights));
      let failed = 0;
      for (const amount of [...amounts, enough]) {
        leave(amount);
        const before = contents();
        const saved = await file(join(disk!, place))
          .save(modelOf(2, weights))
          .then(
            () => true,
            error => {
              expect(error).toMatchObject({code: 'write-failed'});
              return false;
            },
          );
        if (!saved) {
          failed++;
          expect(contents()).toEqual(before);
          expect(await valueIn(old)).toBe(1);
        }
        for (const name of readdirSync(disk!)) if (name.startsWith('filler')) rmSync(join(disk!, name));
        if (!saved) continue;
        expect(await valueIn(file(join(disk!, place)))).toBe(2);
        rmSync(join(disk!, 'other'), {recursive: true, force: true});
        await old.save(modelOf(1, weights));
      }
      expect(failed).toBeGreaterThan(0);
      expect(failed).toBeLessThan(amounts.length + 1);
    });
  });

  test('a smaller model fits after a larger one did not', async () => {
    const place = modelFolder(join(disk!, 'model'));
    await place.save(modelOf(1, 2_000_000));
    await expect(place.save(modelOf(2, 3_000_000))).rejects.toMatchObject({code: 'write-failed'});
    await place.save(modelOf(2, 1_900_000));
    expect(await valueIn(place)).toBe(2);
    await expect(writeFileAtomic(join(disk!, 'file'), [new Uint8Array(PAGES * PAGE)])).rejects.toThrow('ENOSPC');
    expect(readdirSync(disk!)).toEqual(['model']);
  });
});

/** What a save or a load does is done again with something happening at each single call of the file system. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as library from 'tfjs-model-optimization/node';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {FULL} from '../_needs.ts';
import {unwatched, watch} from './_file-system.ts';

vi.mock('node:fs/promises', async original => (await import('./_file-system.ts')).watched(await original()));

let root: string;
beforeEach(() => {
  // In memory where that is possible: a disk takes most of the time.
  root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tfmot-step-'));
});
afterEach(() => {
  watch.before = undefined;
  rmSync(root, {recursive: true, force: true});
});

/** Weights in the first of two weight files, which all models share. */
const SHARED = FULL ? 1024 * 1024 : 0;

const model = (value: number): Parameters<ReturnType<typeof library.modelFolder>['save']>[0] => {
  const floats = new Float32Array(SHARED + 2).fill(value, SHARED);
  return {
    modelTopology: {value},
    weightSpecs: [{name: 'a', shape: [floats.length], dtype: 'float32'}],
    weightData: floats.buffer,
  };
};

type Library = Pick<typeof library, 'modelFolder' | 'writeFileAtomic'>;

/** A place to save to, what is saved there, and how it is read. */
interface Target {
  readonly name: string;
  readonly save: (path: string, value: number, by?: Library) => Promise<unknown>;
  /** The value that was saved; fails unless it is there whole. */
  readonly load: (path: string) => Promise<number>;
  /** How many files one save leaves. */
  readonly files: number;
}
const TARGETS: readonly Target[] = [
  {
    name: 'a folder',
    save: (path, value, by = library) => by.modelFolder(path).save(model(value)),
    load: async path => {
      const {modelTopology, weightData} = await library.modelFolder(path).load();
      const {value} = modelTopology as {value: number};
      const floats = new Float32Array(weightData as ArrayBuffer);
      expect([floats.length, floats[SHARED - 1] ?? 0, floats.at(-1)]).toEqual([SHARED + 2, 0, value]);
      return value;
    },
    files: FULL ? 3 : 2,
  },
  {
    name: 'a file',
    save: (path, value, by = library) => by.writeFileAtomic(join(path, 'file'), [`${value} `, 'x'.repeat(1000)]),
    load: async path => {
      const [value, rest] = readFileSync(join(path, 'file'), 'utf8').split(' ');
      expect(rest).toBe('x'.repeat(1000));
      return Number(value);
    },
    files: 1,
  },
];

/** Every path below the test's folder, with what it holds. */
function contents(folder = root): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(folder, {recursive: true}) as string[]) {
    const path = join(folder, name);
    found[name] = statSync(path).isDirectory() ? 'folder' : readFileSync(path, 'latin1');
  }
  return found;
}

/** Makes the lock of this process, which goes on, look like that of one that is gone. */
function ageLocks(): void {
  for (const name of readdirSync(root, {recursive: true}) as string[]) {
    if (name.includes('.tfmot-lock')) utimesSync(join(root, name), 1, 1);
  }
}

const failure = (): Error => Object.assign(new Error('ENOSPC: no space left on device'), {code: 'ENOSPC'});

/** Which calls something happens at: all, or so many that a few seconds suffice. */
const STRIDE = FULL ? 1 : 2;

/** Runs `attempt` again and again, each time at a later call, until a run ends before that call. */
async function atEveryCall(attempt: (isNow: () => boolean, step: number) => Promise<void>): Promise<number> {
  for (let step = 0; ; step += STRIDE) {
    let calls = 0;
    await attempt(() => calls++ === step, step);
    watch.before = undefined;
    if (calls <= step) return step;
  }
}

describe.each(TARGETS)('$name', ({save, load, files}) => {
  test.each([
    ['that is there', true, false],
    ['that is there, beside a weight file of the new one', true, true],
    ['that is new', false, false],
  ])('%s: a save in which one call fails leaves everything as it was', async (_, there, beside) => {
    await save(join(root, 'aside'), 2);
    const path = join(root, 'new/path');
    let failed = 0;
    const steps = await atEveryCall(async (isNow, step) => {
      rmSync(join(root, 'new'), {recursive: true, force: true});
      if (there) await save(path, 1);
      if (beside) cpSync(join(root, 'aside'), path, {recursive: true, filter: from => !from.endsWith('.json')});
      const before = contents();
      watch.before = () => {
        if (isNow()) throw failure();
      };
      const saved = await save(path, 2).then(
        () => true,
        error => {
          expect(error).toMatchObject({code: 'write-failed'});
          return false;
        },
      );
      watch.before = undefined;
      if (saved) expect(await load(path)).toBe(2);
      else {
        failed++;
        expect(contents(), `call ${step}`).toEqual(before);
      }
      // Whether or not the call was one that tidies up: the next save leaves nothing else.
      ageLocks();
      await save(path, 3);
      expect(await load(path)).toBe(3);
      if (!beside) expect(readdirSync(path)).toHaveLength(files);
    });
    expect(steps).toBeGreaterThan(15);
    expect(failed).toBeGreaterThan(5);
  });

  test.each([
    ['that is there', true],
    ['that is new', false],
  ])('%s: a process that ends at any call leaves the old or the new, and the next save tidies up', async (_, there) => {
    const path = join(root, 'new/path');
    const outcomes = new Set<number>();
    const steps = await atEveryCall(async isNow => {
      rmSync(join(root, 'new'), {recursive: true, force: true});
      if (there) await save(path, 1);
      let ended = false;
      watch.before = () => {
        ended ||= isNow();
        if (ended) throw failure();
      };
      await save(path, 2).catch(() => undefined);
      watch.before = undefined;
      if (there || existsSync(join(path, files === 1 ? 'file' : 'model.json'))) {
        outcomes.add(await load(path));
      }
      ageLocks();
      await save(path, 3);
      expect(await load(path)).toBe(3);
      expect(readdirSync(path)).toHaveLength(files);
    });
    expect(steps).toBeGreaterThan(15);
    expect([...outcomes]).toEqual(there ? [1, 2] : [2]);
  });

  test.each([2, 1])(
    'a save of 3 over 1 that another process, which saves %i, takes for dead at any call',
    async other => {
      const path = join(root, 'path');
      const outcomes = new Set<string>();
      await atEveryCall(async (isNow, step) => {
        rmSync(path, {recursive: true, force: true});
        await save(path, 1);
        vi.resetModules();
        const otherLibrary = await import('tfjs-model-optimization/node');
        watch.before = async call => {
          // Between the last look at the lock and this call, nothing helps a process that stops for half a minute.
          if (!isNow() || (call === 'unlink' && other === 1)) return;
          ageLocks();
          await unwatched(() => save(path, other, otherLibrary));
        };
        const saved = await save(path, 3).then(
          () => true,
          error => {
            expect(error).toMatchObject({code: 'write-failed'});
            return false;
          },
        );
        watch.before = undefined;
        const value = await load(path);
        outcomes.add(saved ? `saved, ${value} is there` : `failed, ${value} is there`);
        await save(path, 4);
        expect(await load(path)).toBe(4);
        expect(readdirSync(path), `call ${step}`).toHaveLength(files);
      });
      // The other one was first; or it was last; or it was in the midst.
      const possible = ['saved, 3 is there', `saved, ${other} is there`, `failed, ${other} is there`];
      expect([...outcomes].sort()).toEqual(possible.sort());
    },
  );

  test('between any two calls of a save, the old or the new can be read', async () => {
    await save(root, 1);
    const seen: number[] = [];
    watch.before = async () => {
      seen.push(await unwatched(() => load(root)));
    };
    await save(root, 2);
    expect([...new Set(seen)]).toEqual([1, 2]);
  });
});

describe('loading', () => {
  const {save, load} = TARGETS[0]!;

  test('saves between any two calls of a load give one of the models', async () => {
    await save(root, 1);
    const read = new Set<number>();
    await atEveryCall(async isNow => {
      watch.before = async () => {
        if (isNow()) await unwatched(() => save(root, 2));
      };
      read.add(await load(root));
      watch.before = undefined;
      await save(root, 1);
    });
    expect([...read].sort()).toEqual([1, 2]);
  });

  test('a model that is replaced and comes back between any two calls of a load', async () => {
    const tiny = (value: number): Promise<unknown> =>
      library.modelFolder(root).save({
        modelTopology: {value},
        weightSpecs: [{name: 'a', shape: [1], dtype: 'float32'}],
        weightData: Float32Array.of(value).buffer,
      });
    let calls = 0;
    const loadWith = async (saves: readonly number[]): Promise<void> => {
      await tiny(1);
      calls = 0;
      watch.before = async () => {
        const value = 2 - (saves.indexOf(calls++) % 2);
        if (saves.includes(calls - 1)) await unwatched(() => tiny(value));
      };
      const {modelTopology, weightData} = await library.modelFolder(root).load();
      watch.before = undefined;
      expect(new Float32Array(weightData as ArrayBuffer)[0]).toBe((modelTopology as {value: number}).value);
    };
    await loadWith([]);
    const plain = calls;
    for (let first = 0; first < plain; first++) {
      for (let second = first + 1; second < 2 * plain; second += STRIDE) await loadWith([first, second]);
    }
  });

  test('a model.json that is written over in its place, by one of the same length', async () => {
    const place = library.modelFolder(root);
    await save(root, 1);
    const old = contents();
    await save(root, 2);
    const replaced = contents();
    expect(replaced['model.json']).toHaveLength(old['model.json']!.length);
    for (const name of Object.keys(replaced)) if (old[name] === undefined) rmSync(join(root, name));
    for (const [name, bytes] of Object.entries(old)) writeFileSync(join(root, name), bytes, 'latin1');
    let looks = 0;
    watch.before = call => {
      // After model.json was read, and before its weight files are looked at.
      if (call !== 'lstat' || ++looks !== 2) return;
      for (const name of Object.keys(old)) if (replaced[name] === undefined) rmSync(join(root, name));
      for (const [name, bytes] of Object.entries(replaced)) writeFileSync(join(root, name), bytes, 'latin1');
    };
    expect((await place.load()).modelTopology).toEqual({value: 2});
  });

  test.each([
    ['grows', 'open', (path: string) => appendFileSync(path, 'x')],
    ['is cut', 'read', (path: string) => truncateSync(path, 2)],
  ])('a weight file of another library that %s while it is read', async (_, at, change) => {
    const shard = join(root, 'w.bin');
    writeFileSync(shard, '1234');
    const weightsManifest = [{paths: ['w.bin'], weights: [{name: 'a', shape: [4], dtype: 'bool'}]}];
    writeFileSync(join(root, 'model.json'), JSON.stringify({modelTopology: {}, weightsManifest}));
    let calls = 0;
    watch.before = call => {
      // The first time it is model.json that is opened and read.
      if (call === at && ++calls === 2) change(shard);
    };
    await expect(library.modelFolder(root).load()).rejects.toMatchObject({code: 'corrupt-file'});
  });

  test('a model that is wrong in the folder itself is read once', async () => {
    await save(root, 1);
    const shard = readdirSync(root).find(name => name.endsWith('.bin'))!;
    rmSync(join(root, shard));
    let reads = 0;
    watch.before = call => {
      if (call === 'open') reads++;
    };
    await expect(load(root)).rejects.toMatchObject({code: 'file-not-found'});
    expect(reads).toBe(1);
  });
});

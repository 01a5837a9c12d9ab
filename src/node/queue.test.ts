import {setImmediate as turn} from 'node:timers/promises';
import {expect, test} from 'vitest';
import {inTurn} from './queue.ts';

test('tasks of one key run one after another in the order of the calls, also after one that failed', async () => {
  const log: string[] = [];
  const task = (name: string, fails = false) =>
    inTurn('key', async () => {
      log.push(`${name} begins`);
      await turn();
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([task('a'), task('b', true), task('c')]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(results.map(({status}) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await task('d')).toBe('d');
});

test('tasks of different keys do not wait for each other', async () => {
  let release = (): void => undefined;
  const blocked = inTurn('one', () => new Promise<void>(done => (release = done)));
  expect(await inTurn('other', async () => 'ran')).toBe('ran');
  release();
  await blocked;
});

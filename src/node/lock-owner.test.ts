import {spawnSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {isGone, newOwner, OWNER_NAME, STALE_MS} from './lock-owner.ts';

const mine = newOwner();
const ofPid = (pid: number): string => mine.replace(/^\d+/, String(pid));
const onAnotherHost = (owner: string): string => owner.replace(/-[0-9a-f]{12}-/, '-0123456789ab-');
const ended = spawnSync(process.execPath, ['-e', '0']).pid;

test('every attempt has a name of its own', () => {
  expect(OWNER_NAME.exec(mine)?.[0]).toBe(mine);
  expect(newOwner()).not.toBe(mine);
});

test.each([
  ['this process', mine, false],
  ['a process that runs', ofPid(process.ppid), false],
  ['a process that ended', ofPid(ended), true],
  ['a process of another host, running here or not', onAnotherHost(ofPid(ended)), false],
  ['something else', '.nfs0000', false],
])('%s, seen a moment ago', (_, owner, gone) => {
  expect(isGone(owner, 0)).toBe(gone);
  expect(isGone(owner, STALE_MS - 1)).toBe(gone);
  expect(isGone(owner, STALE_MS)).toBe(true);
  expect(isGone(owner, -STALE_MS)).toBe(true);
});

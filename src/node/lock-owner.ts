import {createHash, randomBytes} from 'node:crypto';
import {readFileSync, readlinkSync} from 'node:fs';
import {hostname} from 'node:os';

/** A heartbeat as old as this means that its owner is gone, or cannot be told from one that is. */
export const STALE_MS = 30_000;

/** How the name of a file of an owner starts: process id, host, and a number drawn at random. */
export const OWNER_NAME: RegExp = /^(\d+)-([0-9a-f]{12})-[0-9a-f]{16}/;

/** A name for one attempt to save. It says to others which process of which host makes it. */
export const newOwner = (): string => `${process.pid}-${thisHost()}-${randomBytes(8).toString('hex')}`;

/**
 * Whether the owner of a lock is gone: its process ended on this host, or its heartbeat is 30 s old. Another host's
 * processes are known by their heartbeat alone. So are names that are no owner's.
 *
 * @param ageMs Since the last heartbeat. One from the future, after a clock was set, counts as well.
 */
export function isGone(owner: string, ageMs: number): boolean {
  const [, pid, host] = OWNER_NAME.exec(owner) ?? [];
  return Math.abs(ageMs) >= STALE_MS || (host === thisHost() && !isRunning(Number(pid)));
}

let host: string | undefined;

/** Which processes can see each other's ids: those of one boot of one machine, in one container. */
function thisHost(): string {
  const parts = [hostname(), tried(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))];
  parts.push(tried(() => readlinkSync('/proc/self/ns/pid')));
  host ??= createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
  return host;
}

function tried(read: () => string): string {
  try {
    return read();
  } catch {
    return ''; // Only Linux has these, and needs them: containers often share a host name.
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

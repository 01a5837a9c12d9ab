/** What stands between the code under test and `node:fs/promises`: a test mocks that module with `watched`. */
import type {FileHandle} from 'node:fs/promises';

type Files = typeof import('node:fs/promises');

/** Is called before every file system call, with its name; it may act, or throw in the call's place. */
export const watch: {before: ((call: string) => Promise<void> | void) | undefined} = {before: undefined};

/** `node:fs/promises` with `watch.before` before each of its calls and those of the handles that `open` gives. */
export function watched(real: Files): Files {
  const functions = Object.entries(real).map(([name, value]) => [
    name,
    typeof value === 'function' ? observed(name, value as Call) : value,
  ]);
  const open = observed('open', async (...args) => handleOf(await (real.open as Call)(...args)));
  return {...Object.fromEntries(functions), open} as unknown as Files;
}

type Call = (...args: unknown[]) => Promise<unknown>;

function observed(name: string, call: Call): Call {
  return async (...args) => {
    await watch.before?.(name);
    return call(...args);
  };
}

function handleOf(handle: unknown): FileHandle {
  return new Proxy(handle as FileHandle, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      const call = (value as Call).bind(target);
      // Nothing here survives a power cut, and flushing takes most of the time.
      if (key === 'sync') return observed('sync', () => Promise.resolve());
      // A process that dies closes its files.
      return key === 'close' ? () => call().then(() => watch.before?.('close')) : observed(String(key), call);
    },
  });
}

/** Runs `action` without watching it. */
export async function unwatched<T>(action: () => Promise<T>): Promise<T> {
  const {before} = watch;
  watch.before = undefined;
  try {
    return await action();
  } finally {
    watch.before = before;
  }
}

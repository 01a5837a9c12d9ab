const last = new Map<string, Promise<void>>();

/**
 * Runs tasks of one key one after another, in the order of the calls; tasks of different keys do not wait for each
 * other. A task that fails lets the next one run.
 *
 * @param key What may be worked on by one task at a time, such as a real path.
 */
export async function inTurn<T>(key: string, task: () => Promise<T>): Promise<T> {
  const before = last.get(key);
  let finish = (): void => undefined;
  const mine = new Promise<void>(done => {
    finish = done;
  });
  last.set(key, mine);
  try {
    await before;
    return await task();
  } finally {
    if (last.get(key) === mine) last.delete(key);
    finish();
  }
}

/** How far long work has come. The function that takes the callback says what is counted. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** What every function takes that works for long. */
export interface PaceOptions {
  /** Stops the work; the promise is rejected with its reason. */
  readonly signal?: AbortSignal;
  /** Told now and then how far the work has come, and once when all is done. */
  readonly onProgress?: (progress: Progress) => void;
}

/** The names of {@link PaceOptions}. */
export const PACE_NAMES: readonly string[] = ['signal', 'onProgress'];

/** Long work in small steps, none much longer than a millisecond: what it comes to is returned. */
export type Steps<T> = Generator<void, T, void>;

/** Time without a pause, in milliseconds: half of a frame, so that a page stays smooth. */
const SLICE_MS = 8;

/**
 * Does work step by step and lets the event loop run every 8 ms.
 *
 * @param progress Asked how far the work has come, before each pause and at the end.
 * @throws The signal's reason as soon as it is aborted, and whatever a step throws.
 */
export async function paced<T>(steps: Steps<T>, progress: () => Progress, options: PaceOptions): Promise<T> {
  const {signal, onProgress} = options;
  signal?.throwIfAborted();
  let pauseAt = performance.now() + SLICE_MS;
  for (;;) {
    const step = steps.next();
    if (step.done === true) {
      onProgress?.(progress());
      return step.value;
    }
    if (performance.now() < pauseAt) continue;
    onProgress?.(progress());
    await nextTask();
    signal?.throwIfAborted();
    pauseAt = performance.now() + SLICE_MS;
  }
}

/** Does work in one go. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** What some platforms have to let other tasks run: pages of Chromium and Firefox the first, Node the second. */
interface Platform {
  readonly scheduler?: {yield?(): Promise<void>};
  readonly setImmediate?: (task: () => void) => unknown;
}

/**
 * Resolves after tasks that wait have had their turn. Timers are not used: pages in the background run them once a
 * second or less.
 */
export function nextTask(): Promise<void> {
  const {scheduler, setImmediate} = globalThis as Platform;
  if (typeof scheduler?.yield === 'function') return scheduler.yield();
  return new Promise(resolve => {
    if (typeof setImmediate === 'function') {
      setImmediate(() => resolve());
      return;
    }
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Whether the user has asked the program to stop. */
export interface Interrupt {
  readonly requested: boolean;
}

/**
 * Runs `work` with Ctrl-C (and a polite kill) turned into a request: the work looks at it where it can stop without
 * losing anything.
 */
export async function withInterrupt<T>(work: (interrupt: Interrupt) => Promise<T>): Promise<T> {
  const interrupt = {requested: false};
  const request = (): void => {
    if (!interrupt.requested) process.stderr.write('\nStopping after this step.\n');
    interrupt.requested = true;
  };
  process.on('SIGINT', request).on('SIGTERM', request);
  try {
    return await work(interrupt);
  } finally {
    process.off('SIGINT', request).off('SIGTERM', request);
  }
}

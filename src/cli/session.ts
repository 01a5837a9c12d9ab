import type {PaceOptions} from '../pace.ts';
import {withProgress} from './progress.ts';
import type {Terminal} from './terminal.ts';

/** One run of a command, as its work sees it. */
export interface Session {
  /** Aborts when the user asks to stop. What has been written by then is whole. */
  readonly signal: AbortSignal;
  /**
   * Does a part of the work that may take more than a second, stops it when asked to, and shows how far it is.
   *
   * @throws the reason of the signal when it has aborted before.
   */
  stage<T>(title: string, work: (pace: Required<PaceOptions>) => Promise<T>): Promise<T>;
}

/** A session on a terminal; a quiet one shows nothing while it works. */
export function sessionOn(terminal: Terminal, signal: AbortSignal, quiet: boolean): Session {
  return {
    signal,
    stage: async (title, work) => {
      signal.throwIfAborted();
      if (quiet) return work({signal, onProgress: () => undefined});
      return withProgress(title, terminal, onProgress => work({signal, onProgress}));
    },
  };
}

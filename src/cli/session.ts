import {type OnProgress, withProgress} from './progress.ts';
import type {Terminal} from './terminal.ts';

/** One run of a command, as its work sees it. */
export interface Session {
  /** Aborts when the user asks to stop. What has been written by then is whole. */
  readonly signal: AbortSignal;
  /**
   * Does a part of the work that may take more than a second, and shows how far it is.
   *
   * @throws the reason of the signal when it has aborted before.
   */
  stage<T>(title: string, work: (onProgress: OnProgress) => Promise<T>): Promise<T>;
}

/** A session on a terminal; a quiet one shows nothing while it works. */
export function sessionOn(terminal: Terminal, signal: AbortSignal, quiet: boolean): Session {
  return {
    signal,
    stage: async (title, work) => {
      signal.throwIfAborted();
      return quiet ? work(() => undefined) : withProgress(title, terminal, work);
    },
  };
}

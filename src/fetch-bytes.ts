import {TfmotError} from './errors.ts';
import {show} from './show.ts';

/** How many more bytes may be fetched; files that are fetched together share one. */
export interface ByteLimit {
  left: number;
  /** What there was at first, for the message. */
  readonly maxBytes: number;
}

/** How to fetch. */
export interface FetchSettings {
  readonly limit: ByteLimit;
  /** Stops the download; the promise is rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Shown the first bytes, at least eight unless the file is shorter; what it throws stops the download. */
  readonly inspect?: (head: Uint8Array) => void;
}

/** A file that was fetched. */
export interface Fetched {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where it was in the end, after redirections. */
  readonly url: string;
}

/** Bytes that `inspect` needs to see. */
const HEAD_BYTES = 8;

/**
 * Fetches a file, and no more of it than is allowed.
 *
 * @param url What `fetch` takes; a relative one needs a page to be relative to.
 * @throws TfmotError `read-failed` when the address does not answer, answers with an error or breaks off; `memory-limit`
 *     when the file is larger than `limit` allows. The signal's reason when it is aborted.
 */
export async function fetchBytes(url: string | URL, settings: FetchSettings): Promise<Fetched> {
  const {limit, signal} = settings;
  signal?.throwIfAborted();
  const response = await attempt(url, signal, () => fetch(url, signal === undefined ? {} : {signal}));
  if (!response.ok)
    throw new TfmotError(
      'read-failed',
      `${show(String(url))} must answer with a file, but answered ${response.status}. Check the address.`,
    );
  const announced = Number(response.headers.get('content-length') ?? 0);
  if (announced > limit.left) throw tooLarge(url, limit);
  const reader = response.body?.getReader();
  if (reader === undefined) return {bytes: new Uint8Array(0), url: response.url};
  const chunks: Uint8Array[] = [];
  let length = 0;
  let inspected = false;
  const inspect = (): void => {
    inspected = true;
    settings.inspect?.(joined(chunks, length));
  };
  try {
    for (;;) {
      const {done, value} = await attempt(url, signal, () => reader.read());
      if (done) break;
      chunks.push(value);
      length += value.length;
      limit.left -= value.length;
      if (limit.left < 0) throw tooLarge(url, limit);
      if (!inspected && length >= HEAD_BYTES) inspect();
    }
    if (!inspected) inspect();
  } catch (error) {
    // Nobody waits for the rest.
    reader.cancel().catch(() => undefined);
    throw error;
  }
  return {bytes: joined(chunks, length), url: response.url};
}

async function attempt<T>(url: string | URL, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new TfmotError(
      'read-failed',
      `${show(String(url))} could not be fetched. Check the address and the network; files on disk are read by tfjs-model-optimization/node.`,
      {cause},
    );
  }
}

function tooLarge(url: string | URL, {maxBytes}: ByteLimit): TfmotError {
  return new TfmotError(
    'memory-limit',
    `${show(String(url))} and what it names must fit ${maxBytes} bytes (maxBytes), but are larger. Raise the limit.`,
  );
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

import {isTfmotError, TfmotError} from './errors.ts';
import {show} from './show.ts';

/** How many more bytes may be read; files that are read together share one. */
export interface ByteLimit {
  left: number;
  /** What there was at first, for the message. */
  readonly maxBytes: number;
}

/** How to read. */
export interface ReadSettings {
  readonly limit: ByteLimit;
  /** Stops reading; the promise is rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Shown the first bytes, at least eight unless the file is shorter; what it throws stops reading. */
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

/** A limit that nothing was taken from yet. */
export function byteLimit(maxBytes: number): ByteLimit {
  return {left: maxBytes, maxBytes};
}

/**
 * Fetches a file, and no more of it than is allowed.
 *
 * @param url What `fetch` takes; a relative one needs a page to be relative to.
 * @throws TfmotError `read-failed` when the address does not answer, answers with an error or breaks off;
 *     `memory-limit` when the file is larger than `limit` allows. The signal's reason when it is aborted.
 */
export async function fetchBytes(url: string | URL, settings: ReadSettings): Promise<Fetched> {
  const {signal} = settings;
  signal?.throwIfAborted();
  const name = show(String(url));
  let response: Response;
  try {
    response = await fetch(url, signal === undefined ? {} : {signal});
  } catch (cause) {
    signal?.throwIfAborted();
    throw new TfmotError(
      'read-failed',
      `${name} could not be fetched. Check the address and the network; files on disk are read by tfjs-model-optimization/node.`,
      {cause},
    );
  }
  if (!response.ok) {
    await response.body?.cancel().catch(() => undefined);
    throw new TfmotError(
      'read-failed',
      `${name} must answer with a file, but answered ${response.status}. Check the address.`,
    );
  }
  const announced = Number(response.headers.get('content-length') ?? 0);
  return {bytes: await readBody(response.body, announced, name, settings), url: response.url};
}

/**
 * Reads a body to its end, or until it cannot be a file that is wanted.
 *
 * @param announced How long it says it is; 0 when it does not.
 * @param name How messages call it.
 * @throws TfmotError `read-failed` when it breaks off, `memory-limit` when it is larger than `limit` allows. The
 *     signal's reason when it is aborted.
 */
export async function readBody(
  body: ReadableStream<Uint8Array> | null,
  announced: number,
  name: string,
  {limit, signal, inspect}: ReadSettings,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let inspected = inspect === undefined;
  try {
    if (announced > limit.left) throw tooLong(name, limit);
    for (;;) {
      const piece = (await reader?.read())?.value;
      signal?.throwIfAborted();
      if (piece !== undefined) {
        chunks.push(piece);
        length += piece.length;
        limit.left -= piece.length;
        if (limit.left < 0) throw tooLong(name, limit);
      }
      if (!inspected && (piece === undefined || length >= HEAD_BYTES)) {
        inspected = true;
        inspect!(joined(chunks, length));
      }
      if (piece === undefined) return joined(chunks, length);
    }
  } catch (cause) {
    await reader?.cancel().catch(() => undefined);
    signal?.throwIfAborted();
    if (isTfmotError(cause)) throw cause;
    throw new TfmotError('read-failed', `${name} broke off after ${length} bytes. Fetch it again.`, {cause});
  }
}

function tooLong(name: string, {maxBytes}: ByteLimit): TfmotError {
  return new TfmotError(
    'memory-limit',
    `${name} must fit ${maxBytes} bytes (maxBytes), with what was read before it, but is larger. If you trust it, pass a larger maxBytes.`,
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

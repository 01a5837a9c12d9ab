import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {TfmotError} from '../errors.ts';
import {type ByteLimit, byteLimit, fetchBytes} from '../fetch-bytes.ts';
import {show} from '../show.ts';
import {checkFormat, type FormatRow} from './formats.ts';
import {filesBy, type WeightFiles} from './model-files.ts';
import {readModelJson} from './model-json.ts';

/** What fetching a model may take. */
export interface FetchOptions {
  /** Stops the work; the promise is rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Most bytes of all files together. */
  readonly maxBytes: number;
}

/** A model that was fetched: one file, or artifacts whose weights came in files. */
export type FetchedModel =
  | {readonly row: FormatRow; readonly bytes: Uint8Array}
  | {readonly artifacts: ModelArtifacts; readonly files: readonly WeightFiles[]};

/** Files that are fetched at once. */
const AT_ONCE = 6;

/**
 * Fetches a model: one file, or a `model.json` and the weight files that it names. Which it is is found from the
 * content.
 *
 * @throws TfmotError `read-failed`, `memory-limit`; `unsupported-model` for files of another kind; `corrupt-file`,
 *     `invalid-model` or `invalid-weights` for what is damaged. The signal's reason when it is aborted.
 */
export async function fetchModel(url: string | URL, {signal, maxBytes}: FetchOptions): Promise<FetchedModel> {
  const limit = byteLimit(maxBytes);
  let row: FormatRow | undefined;
  const file = await fetchBytes(url, {
    ...{limit, signal},
    inspect: head => {
      row = checkFormat(head, show(String(url)));
    },
  });
  if (row!.format !== 'model-json') return {row: row!, bytes: file.bytes};
  const {head, paths, groups, bytes} = readModelJson(new TextDecoder().decode(file.bytes));
  const addresses = addressesOf(paths, file.url === '' ? String(url) : file.url);
  const weightData = await fetchAll(addresses, limit, bytes, signal);
  return {artifacts: {...head, weightData}, files: filesBy(groups, weightData)};
}

/** Files lie beside `model.json`; what follows its `?`, such as a signature, goes with them. */
function addressesOf(paths: readonly string[], model: string): URL[] {
  try {
    const base = new URL(model, globalThis.location?.href);
    return paths.map(path => {
      const address = new URL(path, base);
      address.search = base.search;
      return address;
    });
  } catch (cause) {
    throw new TfmotError(
      'read-failed',
      `A model.json names files beside it, but there is no place beside ${show(model)}. Give its artifacts instead.`,
      {cause},
    );
  }
}

/** A few at a time, in order; when one fails the others are stopped. */
async function fetchAll(
  addresses: readonly URL[],
  limit: ByteLimit,
  expected: number,
  signal: AbortSignal | undefined,
): Promise<ArrayBuffer[]> {
  if (expected !== Number.POSITIVE_INFINITY && expected > limit.left)
    throw new TfmotError(
      'memory-limit',
      `The model must fit ${limit.maxBytes} bytes (maxBytes), but has ${expected} of weights. Raise the limit.`,
    );
  const stop = new AbortController();
  const forward = (): void => stop.abort(signal!.reason);
  signal?.addEventListener('abort', forward, {once: true});
  const buffers = new Array<ArrayBuffer>(addresses.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < addresses.length; i = next++)
      buffers[i] = (await fetchBytes(addresses[i]!, {limit, signal: stop.signal})).bytes.buffer;
  };
  try {
    await Promise.all(Array.from({length: Math.min(AT_ONCE, addresses.length)}, worker));
  } catch (error) {
    stop.abort();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', forward);
  }
  return buffers;
}

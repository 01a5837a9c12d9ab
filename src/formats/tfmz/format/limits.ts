import {TfmotError} from '../../../errors.ts';

/**
 * What a file may declare, by its size alone, so that a small hostile file can neither take much memory nor much time.
 * An encoder that needs more appends zero bytes to a section until it may.
 */
const OUTPUT_BASE_BYTES = 1 << 24;
const OUTPUT_BYTES_A_BYTE = 1 << 14;
const CODED_BASE = 1 << 16;
const CODED_A_BYTE = 1 << 10;
/** A byte by the byte model takes as long as this many words on a grid, and counts as many. */
export const WORDS_A_BYTE = 8;

/** The most weight bytes a file of `fileBytes` may declare. */
export function outputLimit(fileBytes: number): number {
  return OUTPUT_BASE_BYTES + OUTPUT_BYTES_A_BYTE * fileBytes;
}

/** The most words a section with a payload of `payloadBytes` may code one by one. */
export function codedLimit(payloadBytes: number): number {
  return CODED_BASE + CODED_A_BYTE * payloadBytes;
}

/** Payload padded with zero bytes so that it may code `coded` values. */
export function paddedFor(payload: Uint8Array, coded: number): Uint8Array {
  const needed = Math.ceil((coded - CODED_BASE) / CODED_A_BYTE);
  return padded(payload, needed);
}

/** Payload padded with zero bytes so that a file with `otherBytes` beside it may declare `outputBytes`. */
export function paddedForOutput(payload: Uint8Array, otherBytes: number, outputBytes: number): Uint8Array {
  return padded(payload, Math.ceil((outputBytes - OUTPUT_BASE_BYTES) / OUTPUT_BYTES_A_BYTE) - otherBytes);
}

function padded(payload: Uint8Array, length: number): Uint8Array {
  if (payload.length >= length) return payload;
  const longer = new Uint8Array(length);
  longer.set(payload);
  return longer;
}

/** @throws TfmotError `corrupt-file` when `count` is more than `limit`. */
export function checkLimit(count: number, limit: number, what: string): void {
  if (count <= limit) return;
  throw new TfmotError(
    'corrupt-file',
    `A .tfmz file of this size must declare at most ${limit} ${what}, but declares ${count}. It is damaged or hostile: fetch it again.`,
  );
}

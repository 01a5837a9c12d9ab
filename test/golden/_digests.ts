import {createHash} from 'node:crypto';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';

/** The SHA-256 of bytes or of text as UTF-8, in hexadecimal. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * JSON with the keys of every object in order, so that two texts are equal when they say the same.
 *
 * @throws TypeError for a BigInt, which no saved model can hold: all that is saved beside weight bytes is JSON.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** What a file decoded to: everything of the model but its weight bytes, and these. */
export interface DecodedDigest {
  /** Of the canonical JSON of topology, weight specs and all other fields. */
  readonly head: string;
  /** Of the bytes of all weights, one after another. */
  readonly weights: string;
  readonly weightBytes: number;
}

/** The digest of all that artifacts hold. */
export function digestOf({weightData, ...head}: ModelArtifacts): DecodedDigest {
  const buffers = Array.isArray(weightData) ? (weightData as ArrayBuffer[]) : [weightData as ArrayBuffer];
  const bytes = Buffer.concat(buffers.map(buffer => new Uint8Array(buffer)));
  return {head: sha256(canonicalJson(head)), weights: sha256(bytes), weightBytes: bytes.length};
}

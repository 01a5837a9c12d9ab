import {TfmotError} from '../errors.ts';
import type {ModelArtifacts} from './artifacts.ts';

/**
 * The weight bytes of a model in one piece; a single buffer is not copied.
 *
 * @throws TfmotError `invalid-weights` when the weight data is anything but buffers.
 */
export function joinedBytes({weightData}: Pick<ModelArtifacts, 'weightData'>): Uint8Array {
  const buffers: readonly unknown[] = Array.isArray(weightData) ? weightData : [weightData];
  if (!buffers.every(isBuffer)) {
    throw new TfmotError(
      'invalid-weights',
      'weightData must be an ArrayBuffer or a list of them. Load the weights with the topology.',
    );
  }
  const only = buffers[0];
  if (buffers.length === 1 && only !== undefined) return new Uint8Array(only);
  return concatenated(buffers.map(buffer => new Uint8Array(buffer)));
}

/** Bytes one after another, copied. */
export function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** By name and not by `instanceof`: buffers of another realm, of a test or a frame, are buffers too. */
function isBuffer(value: unknown): value is ArrayBuffer {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
}

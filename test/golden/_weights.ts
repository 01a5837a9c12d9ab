import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {artifactsWith, type Storage, type StoredWeight, stored, topologyOf} from '../../testing/artifacts.ts';

export const BOOL: Storage = {dtype: 'bool'};
export const COMPLEX64: Storage = {dtype: 'complex64'};
export const INT32: Storage = {dtype: 'int32'};
export const UINT8: Storage = {dtype: 'float32', quantization: {dtype: 'uint8', min: -0.5, scale: 0.004}};
export const UINT16: Storage = {dtype: 'float32', quantization: {dtype: 'uint16', min: -1, scale: 1e-4}};
export const FLOAT16: Storage = {dtype: 'float32', quantization: {dtype: 'float16'}};

/**
 * A weight whose number, as it is stored, `valueAt` gives for each flat index; a complex one has two for each element.
 */
export function numbers(
  name: string,
  shape: readonly number[],
  as: Storage,
  valueAt: (index: number) => number,
): StoredWeight {
  const count = shape.reduce((size, extent) => size * extent, as.dtype === 'complex64' ? 2 : 1);
  const words = wordsFor(as, count);
  for (let i = 0; i < count; i++) words[i] = valueAt(i);
  return stored(name, shape, as, words);
}

function wordsFor({dtype, quantization}: Storage, count: number): Uint8Array | Uint16Array | Int32Array | Float32Array {
  const type = quantization?.dtype ?? dtype;
  if (type === 'uint8' || type === 'bool') return new Uint8Array(count);
  if (type === 'uint16' || type === 'float16') return new Uint16Array(count);
  return type === 'int32' ? new Int32Array(count) : new Float32Array(count);
}

/** A float32 weight whose value at each flat index `valueAt` gives. */
export function floats(name: string, shape: readonly number[], valueAt: (index: number) => number): StoredWeight {
  return numbers(name, shape, {dtype: 'float32'}, valueAt);
}

/** A string weight, each string as its length in four bytes and its UTF-8. */
export function strings(name: string, texts: readonly string[]): StoredWeight {
  const parts = texts.map(text => {
    const utf8 = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(utf8.length);
    return Buffer.concat([length, utf8]);
  });
  return stored(name, [texts.length], {dtype: 'string'}, Buffer.concat(parts));
}

/** A model with these weights, in order, and a topology without layers. */
export function modelOf(
  weights: readonly StoredWeight[],
  head: Readonly<Record<string, unknown>> = {},
): ModelArtifacts {
  return artifactsWith(weights, {modelTopology: topologyOf([]), ...head});
}

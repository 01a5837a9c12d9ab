import {brotliCompressSync, constants, gzipSync} from 'node:zlib';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {storedWeights, valuesOf} from '../../src/artifacts/stored-weights.ts';

/** What general-purpose compressors make of a model. */
export interface GenericSizes {
  readonly gzip: number;
  readonly brotli: number;
}

/** Sizes under `gzip -9` and `brotli -11` with its largest window. */
export function genericSizes(bytes: Uint8Array): GenericSizes {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return {gzip: gzipSync(bytes, {level: 9}).length, brotli: brotliCompressSync(bytes, {params}).length};
}

/**
 * A model as the smallest plain bytes that hold it: its JSON, then each weight as one byte a value where it has at most
 * 256 distinct values (and a table of them), else as float32. This is what a general compressor does best with.
 */
export function plainBytes({modelTopology, weightSpecs, weightData}: ModelArtifacts): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from(JSON.stringify({modelTopology, weightSpecs}))];
  for (const weight of storedWeights({weightSpecs, weightData})) {
    const values = Float32Array.from(valuesOf(weight));
    const table = [...new Set(values)].sort((a, b) => a - b);
    if (table.length > 256) {
      parts.push(new Uint8Array(values.buffer));
      continue;
    }
    const indices = new Map(table.map((value, index) => [value, index]));
    parts.push(
      new Uint8Array(Float32Array.from(table).buffer),
      Uint8Array.from(values, value => indices.get(value)!),
    );
  }
  return Buffer.concat(parts);
}

/**
 * Zero-order entropy of a model's weights in bytes: each value costs the logarithm of how often its weight holds it.
 */
export function zeroOrderBytes(artifacts: ModelArtifacts): number {
  let bits = 0;
  for (const weight of storedWeights(artifacts)) {
    const counts = new Map<number, number>();
    const values = valuesOf(weight);
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    for (const count of counts.values()) bits -= count * Math.log2(count / values.length);
  }
  return bits / 8;
}

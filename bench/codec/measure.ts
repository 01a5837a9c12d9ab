import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {decompress} from '../../src/formats/tfmz/decompress.ts';
import {encodeFile} from '../../src/formats/tfmz/encode/encode-file.ts';
import {meterOf} from '../../src/formats/tfmz/format/meter.ts';
import {paced} from '../../src/pace.ts';
import {stopwatch} from '../lib/clock.ts';

const STEP = Math.fround(0.02);
const LEVELS = 7;
const COLUMNS = 1000;
const NOTHING = {done: 0, total: 0};

/** A model of one dense kernel whose kept weights are multiples of a step. */
export interface CodecCase {
  readonly artifacts: ModelArtifacts;
  readonly steps: ReadonlyMap<string, number>;
  readonly weights: number;
  readonly density: number;
  /** Bytes of the levels at their zero-order entropy. */
  readonly entropyBytes: number;
}

/**
 * What coding a case took. Rates are those of the fastest round, for a whole file with its header and checksums.
 */
export interface CodecTiming {
  readonly weights: number;
  readonly density: number;
  readonly bytes: number;
  readonly overEntropy: number;
  readonly encodePerSecond: number;
  readonly decodePerSecond: number;
}

/**
 * A kernel of `weights` weights, `density` of them kept at random, their levels uniform from -7 to 7. Drawn by a
 * generator of its own (xorshift32), because the committed sizes are those of these very weights.
 */
export function codecCase(weights: number, density: number): CodecCase {
  const values = new Float32Array(weights);
  const counts = new Uint32Array(2 * LEVELS + 1);
  let state = 12345;
  for (let i = 0; i < weights; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    let level = 0;
    if ((state >>> 0) / 2 ** 32 < density) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      level = ((state >>> 0) % (2 * LEVELS)) - LEVELS;
      if (level >= 0) level++;
    }
    counts[level + LEVELS]!++;
    values[i] = level * STEP;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= count * Math.log2(count / weights);
  const artifacts: ModelArtifacts = {
    modelTopology: {class_name: 'Sequential', config: {name: 'sequential_1', layers: []}},
    weightSpecs: [{name: 'dense_Dense1/kernel', shape: [weights / COLUMNS, COLUMNS], dtype: 'float32'}],
    weightData: values.buffer,
  };
  return {artifacts, steps: new Map([['dense_Dense1/kernel', STEP]]), weights, density, entropyBytes: bits / 8};
}

/** Encodes and decodes a case `rounds` times and checks that it comes back. */
export async function timeCodec(
  {artifacts, steps, weights, density, entropyBytes}: CodecCase,
  rounds: number,
): Promise<CodecTiming> {
  let encodeMs = Number.POSITIVE_INFINITY;
  let decodeMs = Number.POSITIVE_INFINITY;
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const lap = stopwatch();
    const {bytes: file} = await paced(encodeFile(artifacts, steps, meterOf()), () => NOTHING, {});
    encodeMs = Math.min(encodeMs, lap());
    const decoded = await decompress(file);
    decodeMs = Math.min(decodeMs, lap());
    bytes = file.length;
    const same = Buffer.from(decoded.weightData as ArrayBuffer).equals(
      Buffer.from(artifacts.weightData as ArrayBuffer),
    );
    if (!same) throw new Error(`${weights} weights must decode to what was encoded.`);
  }
  return {
    weights,
    density,
    bytes,
    overEntropy: bytes / entropyBytes,
    encodePerSecond: (weights / encodeMs) * 1000,
    decodePerSecond: (weights / decodeMs) * 1000,
  };
}

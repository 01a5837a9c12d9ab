import type {CompressOptions} from 'tfjs-model-optimization/compression';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {artifactsWith, type StoredWeight} from '../../testing/artifacts.ts';
import {normalValues, seeded} from '../../testing/seeded.ts';
import {GOLDENS} from './_tfmz-models.ts';
import {BOOL, FLOAT16, floats, INT32, modelOf, numbers, UINT8, UINT16} from './_weights.ts';

/** A model that the encoder is judged by, and how it is compressed. */
interface Judged {
  readonly artifacts: ModelArtifacts;
  readonly options?: CompressOptions;
}

/** Larger models would make the test slow. */
const BYTES_MAX = 300_000;

const noise = normalValues(40_000, 11);

/** Zero but for a share of `density`. */
function pruned(density: number, seed: number): (index: number) => number {
  const random = seeded(seed);
  return i => (random() < density ? noise[i]! : 0);
}

/** Rows that keep many and few weights in turn, alike every `period` rows. */
function banded(columns: number, period: number): (index: number) => number {
  const random = seeded(period);
  return i => (random() < [0.9, 0.1, 0.5, 0.2][Math.floor(i / columns) % period]! ? noise[i]! : 0);
}

/** Whole multiples of a step, of magnitudes up to `most`. */
function levels(step: number, most: number, seed: number): (index: number) => number {
  const random = seeded(seed);
  return () => Math.fround(Math.round((random() * 2 - 1) * most) * step);
}

/** One of `count` values without a common step. */
function few(count: number, seed: number): (index: number) => number {
  const random = seeded(seed);
  return () => Math.fround(Math.sin(1 + Math.floor(random() * count)));
}

/**
 * Any of `count` words, then stretches of `length` of them again with others between: about as long as it takes to pay.
 */
function again(count: number, length: number): (index: number) => number {
  const random = seeded(count);
  const words = Array.from({length: 4000}, () => Math.floor(random() * count) * 3 + 1);
  for (let at = 2000; at + length < 4000; at += length + 9) {
    for (let i = 0; i < length; i++) words[at + i] = words[at - 2000 + i]!;
  }
  return i => words[i]!;
}

/** Models of one weight or two at the borders where the encoder begins to code otherwise. */
const EDGES: Readonly<Record<string, () => readonly StoredWeight[]>> = {
  '15 rows alike every 3': () => [floats('kernel', [15, 40], banded(40, 3))],
  '16 rows alike every 4': () => [floats('kernel', [16, 40], banded(40, 4))],
  '17 rows alike every 4': () => [floats('kernel', [17, 40], banded(40, 4))],
  '3 columns': () => [floats('kernel', [200, 3], pruned(0.3, 1))],
  '4 columns': () => [floats('kernel', [150, 4], pruned(0.3, 2))],
  '1023 values': () => [floats('values', [1023], pruned(0.2, 3))],
  '1025 values': () => [floats('values', [1025], pruned(0.2, 4))],
  'one row of 5000': () => [floats('values', [1, 5000], pruned(0.1, 5))],
  'two values': () => [floats('kernel', [30, 20], few(2, 6))],
  '16 values': () => [floats('kernel', [60, 40], few(16, 7))],
  '256 values': () => [floats('kernel', [90, 60], few(256, 8))],
  '257 values': () => [floats('kernel', [90, 60], few(257, 9))],
  '4000 values': () => [floats('kernel', [160, 60], few(4000, 10))],
  'steps, few': () => [floats('kernel', [40, 30], levels(Math.fround(0.013), 3, 11))],
  'steps, many': () => [floats('kernel', [60, 60], levels(Math.fround(0.00071), 900, 12))],
  'powers of two': () => [floats('kernel', [60, 60], levels(2 ** -9, 700, 13))],
  'powers of two, far apart': () => [floats('kernel', [60, 40], i => (i % 7 === 0 ? 2 ** 10 : 2 ** -11) * (i % 5))],
  'powers of two, too far apart': () => [floats('kernel', [60, 40], i => (i % 7 === 0 ? 2 ** 11 : 2 ** -12) * (i % 5))],
  'a slow ramp': () => [floats('values', [2000], i => 1 + i * 1e-5 + noise[i]! * 1e-6)],
  'signed zeros': () => [floats('kernel', [60, 40], i => noise[i]! * (noise[i + 5000]! > 0.6 ? 1 : 0))],
  'convolution, pruned channels': () => [
    floats('kernel', [3, 3, 8, 12], i => (Math.floor(i / 12) % 8 < 3 ? noise[i]! : 0)),
  ],
  'half a weight again': () => [
    floats('a', [40, 30], i => noise[i]!),
    floats('b', [40, 30], i => noise[i < 600 ? i : i + 9000]!),
  ],
  'a hundredth of a weight again': () => [
    floats('a', [80, 50], i => noise[i]!),
    floats('b', [80, 50], i => noise[i >= 2000 && i < 2040 ? i - 1000 : i + 9000]!),
  ],
  'rows again, moved': () => [floats('kernel', [40, 64], i => noise[(i % 64) + 64 * ((i >> 6) % 9)]!)],
  'few words again': () => [numbers('bytes', [60, 64], UINT8, i => 90 + noise[i % 900]! * 12)],
  '15 of 9 words again': () => [numbers('bytes', [80, 50], UINT8, again(9, 15))],
  '10 of 26 words again': () => [numbers('bytes', [80, 50], UINT8, again(26, 10))],
  integers: () => [numbers('ids', [40, 30], INT32, i => noise[i]! * 900)],
  'integers in order': () => [numbers('ids', [1200], INT32, i => 5000 + 13 * i + noise[i]! * 3)],
  'integers of either end': () => [numbers('ids', [8], INT32, i => [0, 2 ** 31 - 1, -(2 ** 31), -1][i % 4]!)],
  flags: () => [numbers('flags', [30, 40], BOOL, i => (noise[i]! > 1 ? 1 : 0))],
  bytes: () => [numbers('bytes', [60, 40], UINT8, i => 128 + noise[i]! * 30)],
  'bytes, pruned': () => [numbers('bytes', [60, 40], UINT8, i => (noise[i]! > 1 ? 40 + noise[i]! * 30 : 77))],
  words: () => [numbers('words', [60, 40], UINT16, i => 30_000 + noise[i]! * 4000)],
  halves: () => [numbers('halves', [60, 40], FLOAT16, i => 0x3000 + Math.abs(noise[i]! * 900))],
};

/** A dense network with layers, so that its kernels can be quantised. */
function network(): readonly StoredWeight[] {
  return [
    floats('a/kernel', [40, 30], pruned(0.2, 20)),
    floats('a/bias', [30], i => noise[i]! / 20),
    floats('b/kernel', [30, 20], i => noise[i]! / 6),
    floats('c/gamma', [20], i => 1 + noise[i]! / 20),
    floats('d/kernel', [20, 10], i => noise[i + 700]!),
  ];
}

const LOSSY: Readonly<Record<string, CompressOptions>> = {
  'step auto': {step: 'auto'},
  'step 0.05': {step: 0.05},
  'step, fine': {step: 1e-5, include: 'all', lambda: 0},
  'lambda of 0.3': {step: 0.1, lambda: 0.3},
  '2 bits': {bits: 2},
  '4 bits, all': {bits: 4, include: 'all'},
  '8 bits': {bits: 8},
  '16 bits': {bits: 16},
  'codebook of 2': {codebook: 2},
  'codebook of 16, all': {codebook: 16, include: 'all'},
  'codebook of 256': {codebook: 256},
};

/** By name the models whose files the encoder may change on purpose alone: borders, and the golden ones. */
export const JUDGED: Readonly<Record<string, Judged>> = Object.fromEntries<Judged>([
  ...Object.entries(EDGES).map(([name, weights]) => [name, {artifacts: modelOf(weights())}] as const),
  ...Object.entries(LOSSY).map(([name, options]) => [name, {artifacts: artifactsWith(network()), options}] as const),
  ...Object.entries(GOLDENS).filter(
    ([, {artifacts, options}]) => options === undefined && sizeOf(artifacts) <= BYTES_MAX,
  ),
]);

function sizeOf({weightData}: ModelArtifacts): number {
  return (weightData as ArrayBuffer).byteLength;
}

import type {ModelArtifacts, WeightSpec} from '../../src/artifacts/artifacts.ts';
import {artifactsWith, floats} from '../../testing/artifacts.ts';
import {seeded} from '../../testing/seeded.ts';

const random = seeded(21);
/** About normal, variance one. */
const normal = (): number => (random() + random() + random() + random() + random() + random() - 3) * 1.4;
const table = (count: number, at: (i: number) => number): Float32Array =>
  Float32Array.from({length: count}, (_, i) => at(i));
const noise = table(1000, normal);

function stored(shape: number[], kind: Omit<WeightSpec, 'name' | 'shape'>, bytes: Uint8Array): ModelArtifacts {
  return artifactsWith([{spec: {name: 'dense_Dense1/kernel', shape, ...kind}, bytes}]);
}

function kernel(shape: number[], at: (i: number) => number): ModelArtifacts {
  return artifactsWith([
    floats(
      'dense_Dense1/kernel',
      shape,
      table(
        shape.reduce((size, extent) => size * extent, 1),
        at,
      ),
    ),
  ]);
}

const uint8 = {dtype: 'float32', quantization: {dtype: 'uint8', min: -0.5, scale: 0.004}} as const;
const level = (density: number): number =>
  random() < density ? Math.max(0, Math.min(255, Math.round(128 + normal() * 25))) : 128;

/** Weights of every sort, of float32 first: trained, structured, repeated, degenerate, tiny. */
export const FLOAT_ZOO: Readonly<Record<string, ModelArtifacts>> = {
  'no weights': artifactsWith([]),
  'one number': kernel([1], () => 1.5),
  'a tiny dense layer': artifactsWith([
    floats('dense_Dense1/kernel', [2, 3], table(6, normal)),
    floats('dense_Dense1/bias', [3], new Float32Array(3)),
  ]),
  'a dense kernel': kernel([80, 80], () => normal() * 0.05),
  'a pruned kernel': kernel([100, 100], () => (random() < 0.1 ? normal() : 0)),
  '2:4 groups': kernel([64, 64], i => (i % 4 < 2 ? normal() : 0)),
  'a convolution': kernel([3, 3, 16, 16], () => normal() * 0.1),
  'an identity': kernel([100, 100], i => (i % 101 === 0 ? 1 : 0)),
  constants: artifactsWith([
    floats(
      'gamma',
      [500],
      table(500, () => 1),
    ),
    floats('beta', [500], new Float32Array(500)),
    floats(
      'k',
      [100, 100],
      table(10_000, () => 0.25),
    ),
  ]),
  'a million zeros': kernel([500, 1000], () => 0),
  'rows that repeat': kernel([8, 1000], i => noise[i % 1000]!),
  'blocks that repeat': kernel([20, 100], i => noise[i % 1000]!),
  'twice the same': artifactsWith([
    floats('a', [10, 100], noise),
    floats('b', [10, 100], noise),
    floats('c', [999], noise.slice(1)),
  ]),
  'sines of positions': kernel([128, 32], i => Math.sin((i >> 5) / 10_000 ** ((i & 31) / 32))),
  'counted up': kernel([5000], i => i),
  'a line': kernel([5000], i => i / 4999),
  'two values': kernel([100, 100], () => (random() < 0.5 ? -0.1 : 0.1)),
  'a few values in turn': kernel([100, 100], i => [0, 0.1, -0.1, 0.1][i % 4]!),
};

/** The same of the other types. */
export const OTHER_ZOO: Readonly<Record<string, ModelArtifacts>> = {
  'uint8, dense': stored(
    [100, 100],
    uint8,
    Uint8Array.from({length: 10_000}, () => level(1)),
  ),
  'uint8, pruned': stored(
    [100, 100],
    uint8,
    Uint8Array.from({length: 10_000}, () => level(0.1)),
  ),
  'uint8, tiny': stored(
    [20, 10],
    uint8,
    Uint8Array.from({length: 200}, () => level(1)),
  ),
  'uint16, dense': stored(
    [100, 50],
    {dtype: 'float32', quantization: {dtype: 'uint16', min: -1, scale: 1e-4}},
    new Uint8Array(Uint16Array.from({length: 5000}, () => 32_768 + normal() * 5000).buffer),
  ),
  'int32, counted up': stored(
    [5000],
    {dtype: 'int32'},
    new Uint8Array(Int32Array.from({length: 5000}, (_, i) => i).buffer),
  ),
  'int32, identifiers': stored(
    [3000],
    {dtype: 'int32'},
    new Uint8Array(Int32Array.from({length: 3000}, () => Math.floor(random() * random() * 500) * 7919).buffer),
  ),
  'int32, noise': stored(
    [1000],
    {dtype: 'int32'},
    new Uint8Array(Int32Array.from({length: 1000}, () => random() * 4e9).buffer),
  ),
  bool: stored(
    [3000],
    {dtype: 'bool'},
    Uint8Array.from({length: 3000}, () => (random() < 0.3 ? 1 : 0)),
  ),
};

import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {compressWithReport} from '../../src/compression/index.ts';
import {artifactsWith, floats} from '../../testing/artifacts.ts';
import {seeded} from '../../testing/seeded.ts';

/** A sound file and what it decodes to. */
export interface SoundFile {
  readonly bytes: Uint8Array;
  readonly artifacts: ModelArtifacts;
}

/** Small sound files that between them use every way to code a weight, of both formats. */
export async function soundFiles(): Promise<SoundFile[]> {
  const random = seeded(11);
  const pruned = (count: number, density: number): Float32Array =>
    Float32Array.from({length: count}, () => (random() < density ? random() - 0.5 : 0));
  const pattern = pruned(90, 1);
  const layers = artifactsWith([
    floats('conv2d_Conv2D1/kernel', [3, 3, 4, 8], pruned(288, 0.4)),
    floats('conv2d_Conv2D1/bias', [8], pruned(8, 1)),
    floats('dense_Dense1/kernel', [40, 12], pruned(480, 0.1)),
    floats('dense_Dense1/bias', [12], new Float32Array(12)),
  ]);
  const others = artifactsWith([
    {
      spec: {name: 'ids', shape: [30], dtype: 'int32'},
      bytes: new Uint8Array(Int32Array.from({length: 30}, (_, i) => 5 * i).buffer),
    },
    {
      spec: {name: 'flags', shape: [50], dtype: 'bool'},
      bytes: Uint8Array.from({length: 50}, () => (random() < 0.3 ? 1 : 0)),
    },
    {spec: {name: 'words', shape: [2], dtype: 'string'}, bytes: Uint8Array.of(2, 0, 0, 0, 104, 105, 1, 0, 0, 0, 33)},
    {
      spec: {name: 'q', shape: [20, 10], dtype: 'float32', quantization: {dtype: 'uint8', min: -1, scale: 0.01}},
      bytes: Uint8Array.from({length: 200}, () => 100 + random() * 9),
    },
    {
      spec: {name: 'h', shape: [40], dtype: 'float32', quantization: {dtype: 'float16'}},
      bytes: Uint8Array.from({length: 80}, () => random() * 256),
    },
    floats(
      'tiled',
      [9, 90],
      Float32Array.from({length: 810}, (_, i) => pattern[i % 90]!),
    ),
    floats('again', [90], pattern),
    floats('copied', [90], pattern),
  ]);
  const second = artifactsWith([
    floats(
      'masked',
      [40, 30],
      Float32Array.from({length: 1200}, () => (random() - 0.5) * (random() < 0.2 ? 1 : 0)),
    ),
    floats(
      'tuned',
      [9, 90],
      Float32Array.from({length: 810}, (_, i) => pattern[i % 90]! + (i % 200 === 7 ? 1 : 0)),
    ),
    floats(
      'ramp',
      [300],
      Float32Array.from({length: 300}, (_, i) => i * 0.001),
    ),
  ]);
  const all = [
    await compressWithReport(layers),
    await compressWithReport(layers, {step: 0.05, include: 'all'}),
    await compressWithReport(layers, {codebook: 8}),
    await compressWithReport(others),
    await compressWithReport(artifactsWith([])),
    await compressWithReport(second),
  ];
  return all.map(({bytes, artifacts}) => ({bytes, artifacts}));
}

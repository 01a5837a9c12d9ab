import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {artifactsWith, floats} from '../../testing/artifacts.ts';
import {encoded} from '../../testing/encoded.ts';
import {seeded} from '../../testing/seeded.ts';
import type {ModelArtifacts, WeightSpec} from '../artifacts/artifacts.ts';
import {decompress} from '../formats/tfmz/decompress.ts';
import {compress, compressWithReport} from './compress.ts';

const bytesOf = (artifacts: ModelArtifacts): Uint8Array => new Uint8Array(artifacts.weightData as ArrayBuffer);

/** The file of artifacts, in one go. */

function expectSame(decoded: ModelArtifacts, original: ModelArtifacts): void {
  const {weightData: _decoded, ...head} = decoded;
  const {weightData: _original, ...expected} = original;
  expect(head).toEqual(expected);
  expect(Buffer.compare(bytesOf(decoded), bytesOf(original))).toBe(0);
}

/** Any words at all, with runs of zeros and of few values among them. */
const words = fc.oneof(
  fc.array(fc.integer({min: 0, max: 0xffffffff}), {maxLength: 300}),
  fc.array(
    fc.oneof({weight: 5, arbitrary: fc.constant(0)}, {weight: 1, arbitrary: fc.integer({min: 0, max: 0xffffffff})}),
    {
      maxLength: 600,
    },
  ),
  fc.array(fc.constantFrom(0, 0x80000000, 1, 0x7fc00001, 0xff800000, 0x7f800000, 0x3f800000, 0x00400000), {
    maxLength: 300,
  }),
);

describe('without loss', () => {
  test('every float32 comes back bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(words, {maxLength: 4}), fc.integer({min: 1, max: 40}), async (tensors, columns) => {
        const weights = tensors.map((tensor, i) => {
          const rows = Math.floor(tensor.length / columns);
          const shape = rows > 0 ? [rows, columns] : [tensor.length];
          const size = rows > 0 ? rows * columns : tensor.length;
          const values = new Float32Array(Uint32Array.from(tensor.slice(0, size)).buffer);
          return floats(`layer_${i}/kernel`, shape, values);
        });
        const model = artifactsWith(weights);
        expectSame(await decompress(encoded(model)), model);
      }),
      {numRuns: 60, seed: 1},
    );
  });

  test('NaN payloads, -0, infinities and subnormals keep their bits', async () => {
    const special = [
      0x7fc00000, 0x7f800001, 0xffffffff, 0x80000000, 0, 1, 0x80000001, 0x007fffff, 0x7f800000, 0xff800000,
    ];
    const values = new Float32Array(
      Uint32Array.from({length: 8000}, (_, i) => special[i % 10]! ^ (i > 4000 ? i << 3 : 0)).buffer,
    );
    const model = artifactsWith([floats('kernel', [100, 80], values)]);
    expectSame(await decompress(encoded(model)), model);
  });

  test.each<[string, Omit<WeightSpec, 'name' | 'shape'>, number]>([
    ['int32', {dtype: 'int32'}, 4],
    ['bool', {dtype: 'bool'}, 1],
    ['complex64', {dtype: 'complex64'}, 8],
    ['uint8 manifest', {dtype: 'float32', quantization: {dtype: 'uint8', min: -1, scale: 0.01}}, 1],
    ['uint16 manifest', {dtype: 'float32', quantization: {dtype: 'uint16', min: -1, scale: 0.0001}}, 2],
    ['float16 manifest', {dtype: 'float32', quantization: {dtype: 'float16'}}, 2],
  ])('%s weights pass through', async (_name, kind, size) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({maxLength: 200}), fc.boolean(), async (given, sparse) => {
        const count = Math.floor(given.length / size);
        const bytes = sparse ? given.map(byte => (byte < 200 ? 0 : byte)) : given;
        const model = artifactsWith([
          {spec: {name: 'a', shape: [count], ...kind}, bytes: bytes.slice(0, count * size)},
          floats('b', [1], Float32Array.of(1.5)),
        ]);
        expectSame(await decompress(encoded(model)), model);
      }),
      {numRuns: 15, seed: 2},
    );
  });

  test('string weights pass through', async () => {
    const strings = ['tokens', '', 'über', 'x'.repeat(300)].map(text => new TextEncoder().encode(text));
    const bytes = new Uint8Array(strings.reduce((sum, {length}) => sum + 4 + length, 0));
    let at = 0;
    for (const text of strings) {
      new DataView(bytes.buffer).setUint32(at, text.length, true);
      bytes.set(text, at + 4);
      at += 4 + text.length;
    }
    const model = artifactsWith([
      floats('a', [2], Float32Array.of(1, 2)),
      {spec: {name: 'vocabulary', shape: [4], dtype: 'string'}, bytes},
      floats('b', [3], Float32Array.of(1, 2, 3)),
    ]);
    expectSame(await decompress(encoded(model)), model);
  });

  test('several buffers are one model', async () => {
    const values = Float32Array.from({length: 50}, (_, i) => Math.sin(i));
    const model = artifactsWith([floats('a', [50], values)]);
    const parts = [(model.weightData as ArrayBuffer).slice(0, 60), (model.weightData as ArrayBuffer).slice(60)];
    expectSame(await decompress(await compress({...model, weightData: parts})), model);
  });
});

describe('quantised', () => {
  const random = seeded(3);
  const pruned = (size: number, density: number): Float32Array =>
    Float32Array.from({length: size}, () => (random() < density ? random() + random() + random() - 1.5 : 0));

  test.each([
    {step: 0.05},
    {step: 0.05, lambda: 0},
    {step: 'auto'},
    {bits: 2},
    {bits: 8},
    {bits: 16, include: 'all'},
    {codebook: 2},
    {codebook: 256},
  ] as const)('%j decodes to the values reported', async options => {
    const model = artifactsWith([
      floats('a/kernel', [3, 3, 8, 16], pruned(1152, 0.3)),
      floats('a/bias', [16], pruned(16, 1)),
      floats('b/kernel', [64, 30], pruned(1920, 0.1)),
      floats('c/kernel', [5, 1], new Float32Array(5)),
    ]);
    const {bytes, artifacts, weights} = await compressWithReport(model, options);
    const decoded = await decompress(bytes);
    expectSame(decoded, artifacts);
    const before = new Float32Array(model.weightData as ArrayBuffer);
    const after = new Float32Array(decoded.weightData as ArrayBuffer);
    expect(after).not.toEqual(before);
    expect(before.every((value, i) => value !== 0 || Object.is(after[i], 0))).toBe(true);
    const bias = weights.find(({name}) => name === 'a/bias')!;
    expect(bias.method).toBe('include' in options ? 'step' : 'lossless');
    const kernel = weights.find(({name}) => name === 'a/kernel')!;
    expect(kernel.method).toBe('codebook' in options ? 'codebook' : 'step');
    expect(kernel.error!.relative).toBeGreaterThan(0);
    expect(kernel.error!.relative).toBeLessThan('codebook' in options && options.codebook === 2 ? 1.01 : 0.9);
    expect(weights.find(({name}) => name === 'c/kernel')!.method).toBe('lossless');
  });
});

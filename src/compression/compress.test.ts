import {expect, test} from 'vitest';
import {artifactsWith, floats} from '../../testing/artifacts.ts';
import {seeded} from '../../testing/seeded.ts';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {decompress} from '../formats/tfmz/decompress.ts';
import {compress, compressWithReport} from './compress.ts';
import type {CompressOptions} from './options.ts';

const random = seeded(10);
const values = Float32Array.from({length: 4000}, () => (random() < 0.3 ? random() + random() - 1 : 0));
const model = artifactsWith([
  floats('a/kernel', [100, 30], values.slice(0, 3000)),
  floats('b/kernel', [50, 20], values.slice(3000)),
  floats('b/bias', [20], values.slice(0, 20)),
]);

/** Minus the largest distance of a weight from the model's: a metric with a known answer. */
function closeness(artifacts: ModelArtifacts): number {
  const now = new Float32Array(artifacts.weightData as ArrayBuffer);
  return -new Float32Array(model.weightData as ArrayBuffer).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - now[i]!)),
    0,
  );
}

test.each<CompressOptions>([
  {step: 0.5, metric: closeness, tolerance: 0.02},
  {bits: 2, metric: closeness, tolerance: 0.02},
  {codebook: 2, metric: closeness, tolerance: 0.02},
  {step: 'auto', metric: closeness, tolerance: 0.02},
])('%j stays within the tolerance', async options => {
  const {bytes, artifacts, metric} = await compressWithReport(model, options);
  expect(metric!.original).toBeCloseTo(0);
  expect(metric!.compressed).toBeGreaterThanOrEqual(-0.02);
  expect(metric!.compressed).toBe(closeness(await decompress(bytes)));
  expect(closeness(artifacts)).toBeLessThan(0);
  expect(bytes.length).toBeLessThan((await compress(model)).length * 0.7);
});

test('auto takes coarser steps where more is tolerated, and an eighth of the spread without a metric', async () => {
  const coarse = await compressWithReport(model, {step: 'auto', metric: closeness, tolerance: 0.2});
  const fine = await compressWithReport(model, {step: 'auto', metric: closeness, tolerance: 0.01});
  expect(coarse.bytes.length).toBeLessThan(fine.bytes.length);
  const {weights} = await compressWithReport(model, {step: 'auto'});
  const kernel = values.slice(0, 3000).filter(value => value !== 0);
  const spread = Math.sqrt(kernel.reduce((sum, value) => sum + value * value, 0) / kernel.length);
  expect(weights[0]!.step).toBeCloseTo(spread / 8, 5);
});

test('a model that nothing satisfies stays as it is', async () => {
  const metric = (artifacts: ModelArtifacts): number => (closeness(artifacts) < 0 ? 0 : 1);
  for (const options of [
    {step: 0.1, metric},
    {step: 'auto', metric},
    {bits: 16, metric},
  ] as const) {
    const {artifacts, weights, metric: judged} = await compressWithReport(model, options);
    expect(closeness(artifacts)).toBeCloseTo(0);
    expect(judged).toEqual({original: 1, compressed: 1});
    expect(weights.map(({method, reason}) => `${method}: ${reason}`)).toEqual([
      'lossless: the metric allows no rounding',
      'lossless: the metric allows no rounding',
      'lossless: a bias',
    ]);
  }
});

test('selection: biases on request, what is excluded never', async () => {
  const {weights} = await compressWithReport(model, {bits: 8, include: 'all', exclude: ['a']});
  expect(weights.map(({name, method}) => `${name} ${method}`)).toEqual([
    'a/kernel lossless',
    'b/kernel step',
    'b/bias step',
  ]);
});

test('the model given is not changed', async () => {
  const before = new Uint8Array(model.weightData as ArrayBuffer).slice();
  await compress(model, {step: 0.1, include: 'all'});
  expect(new Uint8Array(model.weightData as ArrayBuffer)).toEqual(before);
});

test.each<[unknown, RegExp]>([
  [{bits: 8, step: 0.1}, /one of lossless, bits, codebook and step, but got bits and step/],
  [{bits: 1}, /bits from 2 to 16, but got 1/],
  [{bits: 4.5}, /bits from 2 to 16/],
  [{codebook: 257}, /2 to 256 entries, but got 257/],
  [{step: 0}, /step above 0 or 'auto', but got 0/],
  [{step: Number.NaN}, /step above 0/],
  [{step: 1e-60}, /larger step/],
  [{step: 0.1, lambda: -1}, /lambda from 0 to 10/],
  [{step: 0.1, tolerance: 0.1}, /a metric where they have a tolerance/],
  [{step: 0.1, metric: 5}, /a function as metric/],
  [{step: 0.1, metric: () => Number.NaN}, /must return a number/],
  [{step: 0.1, exclude: ['nothing']}, /no weight fits nothing/],
])('%j is refused', async (options, message) => {
  await expect(compress(model, options as CompressOptions)).rejects.toThrow(
    expect.objectContaining({name: 'TfmotError', code: 'invalid-argument', message: expect.stringMatching(message)}),
  );
});

test('a weight to quantise must be finite; without loss it need not', async () => {
  const broken = artifactsWith([floats('a/kernel', [2, 2], Float32Array.of(1, Number.NaN, 3, 4))]);
  await expect(compress(broken, {bits: 8})).rejects.toThrow(
    expect.objectContaining({code: 'non-finite-weight', message: expect.stringContaining("'a/kernel' holds NaN at 1")}),
  );
  expect((await decompress(await compress(broken))).weightData).toEqual(broken.weightData);
});

test('weights that do not fit their specs are refused', async () => {
  const short = {...model, weightData: (model.weightData as ArrayBuffer).slice(4)};
  await expect(compress(short)).rejects.toThrow(expect.objectContaining({code: 'invalid-weights'}));
});

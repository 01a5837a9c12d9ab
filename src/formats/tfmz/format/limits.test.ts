import {expect, test} from 'vitest';
import {artifactsWith, floats} from '../../../../testing/artifacts.ts';
import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {atOnce} from '../../../pace.ts';
import {rangeEncoder} from '../coder/range-encoder.ts';
import {decompress} from '../decompress.ts';
import {encodeFile} from '../encode/encode-file.ts';
import {SECTION, versionOf, writeContainer} from './container.ts';
import {decodeFile} from './decode-file.ts';
import {defaultLimits} from './limits.ts';
import {meterOf} from './meter.ts';
import {encodeModel, type ModelHead} from './model-section.ts';

const weight = (shape: readonly number[]): WeightSpec => ({name: 'a', shape, dtype: 'float32'});
const refused = (code = 'corrupt-file') => expect.objectContaining({name: 'TfmotError', code});
const modelSection = (head: ModelHead): Uint8Array => atOnce(encodeModel({head, stringBytes: []}, meterOf())).payload;

/** A file with sound checksums whose head declares these weights, and a section that codes nothing. */
function fileOf(
  weightSpecs: unknown,
  sections = [SECTION.model, SECTION.weights] as readonly number[],
  version: 1 | 2 = 1,
): Uint8Array {
  const model = modelSection({modelTopology: {}, weightSpecs: weightSpecs as WeightSpec[]});
  const payload = (kind: number): Uint8Array => (kind === SECTION.model ? model : new Uint8Array(8));
  return writeContainer(
    sections.map(kind => ({kind, payload: payload(kind)})),
    version,
  );
}

test.each<[string, unknown, string]>([
  ['more weights than memory', [weight([2 ** 40])], 'corrupt-file'],
  ['an immense product', [weight([2 ** 30, 2 ** 30, 2 ** 30])], 'corrupt-file'],
  ['more than the limits allow', [weight([2 ** 26])], 'memory-limit'],
  ['a negative extent', [weight([-1])], 'corrupt-file'],
  ['a fractional extent', [weight([1.5])], 'corrupt-file'],
  ['a shape that is none', [{name: 'a', shape: 'wide', dtype: 'float32'}], 'corrupt-file'],
  ['an unknown type', [{name: 'a', shape: [1], dtype: 'float8'}], 'corrupt-file'],
  ['a weight that is null', [null], 'corrupt-file'],
  ['specs that are no list', {a: 1}, 'corrupt-file'],
])('a file that declares %s is refused before anything is allocated', async (_name, specs, code) => {
  await expect(decompress(fileOf(specs))).rejects.toThrow(refused(code));
});

test('a file needs one model section first and weights for every spec', async () => {
  await expect(decompress(fileOf([weight([4])], [SECTION.weights, SECTION.model]))).rejects.toThrow(refused());
  await expect(decompress(fileOf([weight([4])], [SECTION.model, SECTION.model]))).rejects.toThrow(refused());
  await expect(decompress(fileOf([weight([4])], [SECTION.model]))).rejects.toThrow(/all 1 weights, but holds 0/);
  await expect(decompress(fileOf([], [SECTION.model, 9]))).rejects.toThrow(refused());
  await expect(decompress(fileOf([], []))).rejects.toThrow(refused());
  expect((await decompress(fileOf([], [SECTION.model]))).weightSpecs).toEqual([]);
});

test('format 2 leaves out sections of unknown kinds from 128 on, and refuses those below', async () => {
  expect((await decompress(fileOf([], [SECTION.model, 128, 255], 2))).weightSpecs).toEqual([]);
  expect((await decompress(fileOf([], [200, SECTION.model], 2))).weightSpecs).toEqual([]);
  await expect(decompress(fileOf([], [SECTION.model, 127], 2))).rejects.toThrow('one is of kind 127. Update');
  await expect(decompress(fileOf([], [SECTION.model, 128], 1))).rejects.toThrow(refused());
  await expect(decompress(fileOf([], [SECTION.skeleton], 2))).rejects.toThrow(refused('unsupported-model'));
  const later = fileOf([], [SECTION.model]);
  later[4] = 3;
  await expect(decompress(later)).rejects.toThrow('must be of version 1 or 2, but is of version 3. Update');
});

test('JSON that is none, or nested beyond reason, is refused', async () => {
  const nested = {modelTopology: {}, weightSpecs: JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`) as WeightSpec[]};
  const payload = modelSection(nested);
  await expect(decompress(writeContainer([{kind: SECTION.model, payload}]))).rejects.toThrow(refused());
  const coder = rangeEncoder();
  coder.raw(0, 32);
  const empty = writeContainer([{kind: SECTION.model, payload: coder.finish()}]);
  await expect(decompress(empty)).rejects.toThrow(refused());
  const circle: Record<string, unknown> = {};
  circle['again'] = circle;
  expect(() => modelSection({modelTopology: circle, weightSpecs: []})).toThrow(refused('unsupported-model'));
});

/** A weight of zeros but for one value, which takes next to nothing to code. */
function almostNothing(rows: number): ReturnType<typeof artifactsWith> {
  const values = new Float32Array(rows * 1024);
  values[500] = 1;
  return artifactsWith([floats('a/k', [rows, 1024], values)]);
}

test('what format 1 may not say in so few bytes is of format 2 and comes back', async () => {
  for (const [rows, version] of [
    [32, 1],
    [160, 2],
  ] as const) {
    const model = almostNothing(rows);
    const {bytes, limits} = atOnce(encodeFile(model, new Map(), meterOf()));
    expect([versionOf(bytes), limits]).toEqual([version, undefined]);
    expect(bytes.length).toBeLessThan(1200);
    expect(new Uint8Array((await decompress(bytes)).weightData as ArrayBuffer)).toEqual(
      new Uint8Array(model.weightData as ArrayBuffer),
    );
  }
});

test('one budget for a whole file, which is exactly what its parts cost', async () => {
  const [one, two] = [
    almostNothing(16),
    {...almostNothing(16), userDefinedMetadata: {text: 'more to read '.repeat(99)}},
  ];
  const costs = [one, two].map(model => {
    const file = atOnce(encodeFile(model, new Map(), meterOf())).bytes;
    const meter = meterOf();
    atOnce(decodeFile(file, Number.POSITIVE_INFINITY, meter));
    return {file, spent: meter.spent};
  });
  expect(costs[1]!.spent).toBeGreaterThan(costs[0]!.spent);
  for (const {file, spent} of costs) {
    expect((await decompress(file, {maxDecisions: spent, maxBytes: 16 * 4096})).weightSpecs).toHaveLength(1);
    const tooMany = decompress(file, {maxDecisions: spent - 1});
    await expect(tooMany).rejects.toThrow(refused('memory-limit'));
    await expect(tooMany).rejects.toThrow('pass a larger maxDecisions');
    await expect(decompress(file, {maxBytes: 16 * 4096 - 1})).rejects.toThrow('pass a larger maxBytes');
  }
});

test('files under a megabyte have the same limits, each further byte adds a little', () => {
  expect(defaultLimits(10)).toEqual(defaultLimits(1_000_000));
  expect(defaultLimits(10).maxBytes).toBe(256_000_000);
  const more = defaultLimits(2_000_000);
  expect(more.maxBytes).toBeGreaterThan(defaultLimits(10).maxBytes);
  expect(more.maxDecisions).toBeGreaterThan(defaultLimits(10).maxDecisions);
});

test('decoding tells how far it is, and stops when told', async () => {
  const {bytes} = atOnce(encodeFile(almostNothing(64), new Map(), meterOf()));
  const progress: number[] = [];
  await decompress(bytes, {onProgress: ({done, total}) => progress.push(done / total)});
  expect(progress.at(-1)).toBe(1);
  expect([...progress].sort((a, b) => a - b)).toEqual(progress);
  await expect(decompress(bytes, {signal: AbortSignal.abort(new Error('enough'))})).rejects.toThrow('enough');
});

test.each([
  [{maxByte: 1}, 'Did you mean maxBytes?'],
  [{max_decisions: 1}, 'Did you mean maxDecisions?'],
  [{maxBytes: -1}, 'maxBytes must be a number from 0'],
  [{maxDecisions: 'many'}, 'maxDecisions must be a number from 0'],
])('options %o are refused', async (options, message) => {
  await expect(decompress(fileOf([], [SECTION.model]), options as never)).rejects.toThrow(message);
});

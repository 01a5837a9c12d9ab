import {expect, test, vi} from 'vitest';
import {artifactsWith, floats} from '../../../testing/artifacts.ts';
import {encoded} from '../../../testing/encoded.ts';
import {seeded} from '../../../testing/seeded.ts';
import type {WeightSpec} from '../../artifacts/artifacts.ts';
import {atOnce} from '../../pace.ts';
import {rangeEncoder} from './coder/range-encoder.ts';
import type {Version} from './coder/version.ts';
import {decompress} from './decompress.ts';
import {readContainer, SECTION, type Section, writeContainer} from './format/container.ts';
import {decodeFile} from './format/decode-file.ts';
import {defaultLimits} from './format/limits.ts';
import {type Meter, meterOf} from './format/meter.ts';
import {encodeModel} from './format/model-section.ts';
import type {TensorCoding} from './format/tensor/tensor-header.ts';
import {placeTensors} from './format/tensors.ts';
import {encodeWeights} from './format/weights-section.ts';

const weight = (shape: readonly number[], name = 'a'): WeightSpec => ({name, shape, dtype: 'float32'});
const refused = (code: string, message: RegExp = /./): unknown =>
  expect.objectContaining({name: 'TfmotError', code, message: expect.stringMatching(message)});

function modelPayload(weightSpecs: unknown, version: Version = 1): Uint8Array {
  const head = {modelTopology: {}, weightSpecs: weightSpecs as WeightSpec[]};
  return atOnce(encodeModel(version, {head, stringBytes: []}, meterOf())).payload;
}

/** A file with sound checksums whose head declares these weights, and sections that code nothing. */
function fileOf(
  weightSpecs: unknown,
  kinds: readonly number[] = [SECTION.model, SECTION.weights],
  version: Version = 1,
): Uint8Array {
  const model = modelPayload(weightSpecs, version);
  const sections = kinds.map(kind => ({kind, payload: kind === SECTION.model ? model : new Uint8Array(8)}));
  return writeContainer(sections, version);
}

/** A file of so many sections, one weight of `words` each, all coded in the same way. */
function repeated(count: number, words: Uint32Array, coding: TensorCoding, version: Version = 1): Uint8Array {
  const specs = Array.from({length: count}, (_, i) => weight([words.length], `w${i}`));
  const tensors = placeTensors(specs, []);
  const all = new Uint8Array(words.buffer);
  const one = placeTensors([weight([words.length])], []);
  const payload = atOnce(encodeWeights(version, one, [coding], 0, 1, all, meterOf()));
  const sections: Section[] = tensors.map(() => ({kind: SECTION.weights, payload}));
  return writeContainer([{kind: SECTION.model, payload: modelPayload(specs, version)}, ...sections], version);
}

/** What decoding a file costs, in decisions. */
function cost(file: Uint8Array, meter: Meter = meterOf()): number {
  atOnce(decodeFile(file, Number.POSITIVE_INFINITY, meter));
  return meter.spent;
}

test.each<[string, unknown, string]>([
  ['more weights than memory', [weight([2 ** 40])], 'corrupt-file'],
  ['an immense product', [weight([2 ** 30, 2 ** 30, 2 ** 30])], 'corrupt-file'],
  ['more than any file of its size', [weight([2 ** 26])], 'memory-limit'],
  ['more in all', Array.from({length: 5}, (_, i) => weight([2 ** 24], `${i}`)), 'memory-limit'],
  ['a negative extent', [weight([-1])], 'corrupt-file'],
  ['a fractional extent', [weight([1.5])], 'corrupt-file'],
  ['a shape that is none', [{name: 'a', shape: 'wide', dtype: 'float32'}], 'corrupt-file'],
  ['an unknown type', [{name: 'a', shape: [1], dtype: 'float8'}], 'corrupt-file'],
  ['a weight that is null', [null], 'corrupt-file'],
  ['specs that are no list', {a: 1}, 'corrupt-file'],
])('a file that declares %s is refused', async (_name, specs, code) => {
  await expect(decompress(fileOf(specs))).rejects.toThrow(refused(code));
});

test('what is refused for its size is refused before memory is taken for it', async () => {
  const sizes: number[] = [];
  const Bytes = Uint8Array;
  vi.stubGlobal(
    'Uint8Array',
    class extends Bytes<ArrayBuffer> {
      constructor(...given: [number]) {
        if (typeof given[0] === 'number') sizes.push(given[0]);
        super(...(given as unknown as [ArrayBuffer]));
      }
    },
  );
  try {
    await expect(decompress(fileOf([weight([2 ** 26])]))).rejects.toThrow(refused('memory-limit', /maxBytes/));
  } finally {
    vi.unstubAllGlobals();
  }
  expect(Math.max(...sizes)).toBeLessThan(2 ** 20);
});

test('a limit that the platform has no memory for is no RangeError', async () => {
  const file = fileOf([weight([2 ** 30], 'a'), weight([2 ** 30], 'b'), weight([2 ** 30], 'c'), weight([2 ** 30], 'd')]);
  const immense = decompress(file, {maxBytes: Number.POSITIVE_INFINITY});
  await expect(immense).rejects.toThrow(expect.objectContaining({name: 'TfmotError'}));
});

test('a file needs one model section first and weights for every spec', async () => {
  const {model, weights} = SECTION;
  await expect(decompress(fileOf([weight([4])], [weights, model]))).rejects.toThrow(refused('corrupt-file'));
  await expect(decompress(fileOf([weight([4])], [model, model]))).rejects.toThrow(refused('corrupt-file'));
  await expect(decompress(fileOf([weight([4])], [model]))).rejects.toThrow(/all 1 weights, but holds 0/);
  await expect(decompress(fileOf([], [model, 9]))).rejects.toThrow(refused('corrupt-file'));
  await expect(decompress(fileOf([], [model, 200]))).rejects.toThrow(refused('corrupt-file'));
  await expect(decompress(fileOf([], []))).rejects.toThrow(refused('corrupt-file'));
  expect((await decompress(fileOf([], [model]))).weightSpecs).toEqual([]);
});

test('format 2: unknown kinds from 128 on are left out, others are refused by their number', async () => {
  const {model} = SECTION;
  expect((await decompress(fileOf([], [200, model, 128, 255], 2))).weightSpecs).toEqual([]);
  await expect(decompress(fileOf([], [model, 9], 2))).rejects.toThrow(refused('corrupt-file', /kind 9.*Update/));
  await expect(decompress(fileOf([], [127, model], 2))).rejects.toThrow(refused('corrupt-file', /kind 127/));
  await expect(decompress(fileOf([], [SECTION.skeleton, model], 2))).rejects.toThrow(refused('unsupported-model'));
  await expect(decompress(fileOf([], [SECTION.skeleton, model], 1))).rejects.toThrow(refused('corrupt-file'));
});

test('a damaged section that is left out is noticed', async () => {
  const file = fileOf([], [SECTION.model, 200], 2);
  file[file.length - 6]! ^= 1;
  await expect(decompress(file)).rejects.toThrow(refused('corrupt-file', /checksums/));
});

test('a later version is refused by its number', async () => {
  const file = fileOf([], [SECTION.model]);
  file[4] = 3;
  await expect(decompress(file)).rejects.toThrow(
    refused('corrupt-file', /version 1 or 2, but is of version 3. Update/),
  );
});

test('JSON that is none, or nested beyond reason, is refused', async () => {
  const nested = JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`) as WeightSpec[];
  await expect(decompress(fileOf(nested, [SECTION.model]))).rejects.toThrow(refused('corrupt-file'));
  const coder = rangeEncoder();
  coder.raw(0, 32);
  const empty = writeContainer([{kind: SECTION.model, payload: coder.finish()}]);
  await expect(decompress(empty)).rejects.toThrow(refused('corrupt-file'));
  const circle: Record<string, unknown> = {};
  circle['again'] = circle;
  const model = {head: {modelTopology: circle, weightSpecs: []}, stringBytes: []};
  expect(() => atOnce(encodeModel(1, model, meterOf()))).toThrow(refused('unsupported-model'));
});

const ZEROS = new Uint32Array(65_536);
const zeros: TensorCoding = {method: 'linear', columns: 1024, period: 1, scale: 1, running: false};
const highest = new Uint32Array(new Float32Array(4096).fill(2 ** 30).buffer);
const constant: TensorCoding = {
  method: 'palette',
  columns: 1024,
  period: 1,
  palette: ZEROS.slice(0, 1),
  zero: 0,
  step: 0,
};
const manyModels = new Uint32Array(1);

test('decisions are counted over all sections, whatever is coded', () => {
  const perSection = (words: Uint32Array, coding: TensorCoding, version: Version = 1): number =>
    (cost(repeated(5, words, coding, version)) - cost(repeated(2, words, coding, version))) / 3 / words.length;
  // About 1.1 a zero: rows and the making of the models count a little.
  expect(perSection(ZEROS, zeros)).toBeCloseTo(1.1, 1);
  expect(perSection(highest, {...zeros, columns: 64})).toBeGreaterThan(40);
  expect(perSection(ZEROS.slice(0, 4096), {method: 'bytes'})).toBeGreaterThan(90);
  expect(perSection(ZEROS, constant)).toBeLessThan(0.1);
  // A section of one word costs what its models cost.
  expect(perSection(manyModels, {method: 'bytes'})).toBeGreaterThan(5000);
  expect(perSection(manyModels, {method: 'bytes'}, 2)).toBeGreaterThan(20_000);
  expect(perSection(manyModels, {...zeros, columns: 1})).toBeGreaterThan(3000);
});

test('a file that takes more decisions than allowed is refused, and named what allows it', async () => {
  const file = repeated(10, ZEROS, zeros);
  const decisions = cost(file);
  expect(file.length).toBeLessThan(2000);
  await expect(decompress(file, {maxDecisions: decisions - 1})).rejects.toThrow(
    refused('memory-limit', /maxDecisions/),
  );
  await expect(decompress(file, {maxBytes: 10 * 4 * 65_536 - 1})).rejects.toThrow(refused('memory-limit', /maxBytes/));
  const meter = meterOf(decisions / 2);
  expect(() => cost(file, meter)).toThrow(refused('memory-limit'));
  expect(meter.spent).toBeLessThanOrEqual(decisions / 2);
  expect(meter.spent).toBeGreaterThan(decisions / 2 - 20_000);
  const {weightData} = await decompress(file, {maxDecisions: decisions, maxBytes: 10 * 4 * 65_536});
  expect((weightData as ArrayBuffer).byteLength).toBe(10 * 4 * 65_536);
});

test('text costs what it takes before memory is taken for it', () => {
  const coder = rangeEncoder();
  // A text of 2^31 bytes, by its length alone.
  for (let i = 0; i < 31; i++) coder.raw(1, 1);
  coder.raw(0, 31);
  const file = writeContainer([{kind: SECTION.model, payload: coder.finish()}]);
  expect(() => cost(file, meterOf(defaultLimits(file.length).maxDecisions))).toThrow(refused('memory-limit'));
});

test('limits grow with the file', () => {
  expect(defaultLimits(10)).toEqual({maxDecisions: 50_000_000, maxBytes: 256_000_000});
  expect(defaultLimits(1_000_000)).toEqual(defaultLimits(10));
  expect(defaultLimits(2_000_000)).toEqual({maxDecisions: 178_000_000, maxBytes: 768_000_000});
});

test.each([{maxDecision: 1}, {maxBytes: -1}, {maxDecisions: '5'}, {maxBytes: Number.NaN}, {timeout: 5}])(
  '%j is refused',
  async options => {
    await expect(decompress(fileOf([]), options as object)).rejects.toThrow(refused('invalid-argument'));
  },
);

const random = seeded(3);
const dense = artifactsWith([
  floats(
    'a/kernel',
    [400, 300],
    Float32Array.from({length: 120_000}, () => random() - 0.5),
  ),
]);
const file = encoded(dense);

test('other tasks run while a file is decoded, and progress is told', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 5));
  let turns = 0;
  let decoding = true;
  const seen: {done: number; total: number}[] = [];
  const turn = (): void => {
    turns++;
    if (decoding) setImmediate(turn);
  };
  setImmediate(turn);
  const artifacts = await decompress(file, {onProgress: progress => seen.push(progress)});
  decoding = false;
  vi.restoreAllMocks();
  expect(artifacts.weightData).toEqual(dense.weightData);
  // Every second step is 10 ms later by that clock, and no step is long.
  expect(turns).toBeGreaterThan(50);
  expect(seen.length).toBeGreaterThan(50);
  expect(seen.every(({done}, i) => i === 0 || done >= seen[i - 1]!.done)).toBe(true);
  expect(new Set(seen.slice(10).map(({total}) => total))).toEqual(new Set([480_000]));
  expect(seen.at(-1)).toEqual({done: 480_000, total: 480_000});
});

test('an aborted signal rejects with its reason, before and in the middle', async () => {
  const reason = new Error('enough');
  await expect(decompress(file, {signal: AbortSignal.abort(reason)})).rejects.toBe(reason);
  const controller = new AbortController();
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 10));
  const decoded = decompress(file, {
    signal: controller.signal,
    onProgress: ({done}) => {
      if (done > 100_000) controller.abort(reason);
    },
  });
  await expect(decoded).rejects.toBe(reason);
  vi.restoreAllMocks();
});

test('steps are short, also in a row as wide as can be and in long runs of bytes', () => {
  const wide = artifactsWith([
    floats(
      'a/kernel',
      [2, 65_536],
      Float32Array.from({length: 131_072}, () => random()),
    ),
  ]);
  for (const each of [
    encoded(wide),
    repeated(2, highest, {...zeros, columns: 4096}),
    repeated(1, ZEROS, {method: 'bytes'}),
  ]) {
    const meter = meterOf();
    let longest = 0;
    let last = 0;
    for (const _ of decodeFile(each, Number.POSITIVE_INFINITY, meter)) {
      longest = Math.max(longest, meter.spent - last);
      last = meter.spent;
    }
    expect(longest).toBeLessThan(60_000);
  }
});

test('what is sparse takes a few bytes and comes back', async () => {
  const values = new Float32Array(1_000_000);
  values[500_000] = 1;
  const sparse = artifactsWith([floats('k', [1000, 1000], values)]);
  const small = encoded(sparse);
  expect(small.length).toBeLessThan(100);
  expect(small[4]).toBe(2);
  expect((await decompress(small)).weightData).toEqual(values.buffer);
  expect(readContainer(small).map(({kind}) => kind)).toEqual([SECTION.model, SECTION.weights]);
});

test('constants cost bytes alone', async () => {
  const constants = encoded(artifactsWith([floats('k', [8192, 1024], new Float32Array(2 ** 23).fill(0.1))]));
  expect(constants.length).toBeLessThan(100);
  expect(cost(constants)).toBeLessThan(500_000);
  const values = new Float32Array((await decompress(constants)).weightData as ArrayBuffer);
  expect(values.every(value => value === Math.fround(0.1))).toBe(true);
});

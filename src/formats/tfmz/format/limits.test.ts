import {expect, test} from 'vitest';
import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {artifactsWith, floats} from '../_models.ts';
import {rangeEncoder} from '../coder/range-encoder.ts';
import {decompress} from '../decompress.ts';
import {encodeArtifacts} from '../encode/encode-artifacts.ts';
import {readContainer, SECTION, writeContainer} from './container.ts';
import {encodeModel} from './model-section.ts';

const weight = (shape: readonly number[]): WeightSpec => ({name: 'a', shape, dtype: 'float32'});
const refused = expect.objectContaining({name: 'TfmotError', code: 'corrupt-file'});

/** A file with sound checksums whose head declares these weights, and a section that codes nothing. */
function fileOf(weightSpecs: unknown, sections = [SECTION.model, SECTION.weights] as readonly number[]): Uint8Array {
  const model = encodeModel({head: {modelTopology: {}, weightSpecs: weightSpecs as WeightSpec[]}, stringBytes: []});
  return writeContainer(sections.map(kind => ({kind, payload: kind === SECTION.model ? model : new Uint8Array(8)})));
}

test.each<[string, unknown]>([
  ['more weights than memory', [weight([2 ** 40])]],
  ['an immense product', [weight([2 ** 30, 2 ** 30, 2 ** 30])]],
  ['more than its size allows', [weight([2 ** 23])]],
  ['a negative extent', [weight([-1])]],
  ['a fractional extent', [weight([1.5])]],
  ['a shape that is none', [{name: 'a', shape: 'wide', dtype: 'float32'}]],
  ['an unknown type', [{name: 'a', shape: [1], dtype: 'float8'}]],
  ['a weight that is null', [null]],
  ['specs that are no list', {a: 1}],
])('a file that declares %s is refused before anything is allocated', (_name, specs) => {
  expect(() => decompress(fileOf(specs))).toThrow(refused);
});

test('a file needs one model section first and weights for every spec', () => {
  expect(() => decompress(fileOf([weight([4])], [SECTION.weights, SECTION.model]))).toThrow(refused);
  expect(() => decompress(fileOf([weight([4])], [SECTION.model, SECTION.model]))).toThrow(refused);
  expect(() => decompress(fileOf([weight([4])], [SECTION.model]))).toThrow(/all 1 weights, but holds 0/);
  expect(() => decompress(fileOf([], [SECTION.model, 9]))).toThrow(refused);
  expect(() => decompress(fileOf([], []))).toThrow(refused);
  expect(decompress(fileOf([], [SECTION.model])).weightSpecs).toEqual([]);
});

test('JSON that is none, or nested beyond reason, is refused', () => {
  const nested = {modelTopology: {}, weightSpecs: JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`) as WeightSpec[]};
  const payload = encodeModel({head: nested, stringBytes: []});
  expect(() => decompress(writeContainer([{kind: SECTION.model, payload}]))).toThrow(refused);
  const coder = rangeEncoder();
  coder.raw(0, 32);
  expect(() => decompress(writeContainer([{kind: SECTION.model, payload: coder.finish()}]))).toThrow(refused);
  const circle: Record<string, unknown> = {};
  circle['again'] = circle;
  expect(() => encodeModel({head: {modelTopology: circle, weightSpecs: []}, stringBytes: []})).toThrow(
    expect.objectContaining({code: 'unsupported-model'}),
  );
});

test('a weight that would be coded in fewer bytes than its size allows is padded and comes back', () => {
  // Two values, but one of them once in a million: next to nothing to code, and more words than a tiny payload may.
  const values = new Float32Array(1_000_000);
  values[500_000] = 1;
  const model = artifactsWith([floats('k', [1000, 1000], values)]);
  const file = encodeArtifacts(model);
  const payload = readContainer(file)[1]!.payload;
  expect(payload.length * 1024 + 65_536).toBeGreaterThanOrEqual(1_000_000);
  expect(Buffer.from(decompress(file).weightData as ArrayBuffer).equals(Buffer.from(values.buffer))).toBe(true);
  const bare = payload.subarray(0, payload.reduce((last, byte, i) => (byte === 0 ? last : i), 0) + 1);
  const [model0] = readContainer(file);
  expect(() => decompress(writeContainer([model0!, {kind: SECTION.weights, payload: bare}]))).toThrow(
    /at most \d+ coded weights/,
  );
});

test('a constant weight takes a few bytes up to what any file may declare, then one for every 16 KiB', () => {
  const bytes = (rows: number): number =>
    encodeArtifacts(artifactsWith([floats('k', [rows, 1024], new Float32Array(rows * 1024))])).length;
  expect(bytes(4096)).toBeLessThan(64);
  expect(bytes(8192)).toBeGreaterThanOrEqual(1024);
  expect(bytes(8192)).toBeLessThan(1024 + 64);
});

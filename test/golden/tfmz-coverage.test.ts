import {readdirSync, readFileSync} from 'node:fs';
import {decompress} from 'tfjs-model-optimization/compression';
import {beforeAll, expect, test, vi} from 'vitest';
import type {Section} from '../../src/formats/tfmz/format/container.ts';
import type {Elements} from '../../src/formats/tfmz/format/elements.ts';
import type {CodingBy, TensorCoding} from '../../src/formats/tfmz/format/tensor/tensor-header.ts';

type Method = TensorCoding['method'];

/** One weight as a decoder read its header. */
interface Seen {
  readonly elements: Elements;
  readonly lastExtent: number;
  readonly coding: TensorCoding;
}

const seen = vi.hoisted(() => ({weights: [] as unknown[], sections: [] as unknown[]}));

vi.mock('../../src/formats/tfmz/format/tensor/tensor-header.ts', async original => {
  const module = await original<typeof import('../../src/formats/tfmz/format/tensor/tensor-header.ts')>();
  const codeTensorHeader: typeof module.codeTensorHeader = (coder, elements, lastExtent, given) => {
    const coding = module.codeTensorHeader(coder, elements, lastExtent, given);
    seen.weights.push({elements, lastExtent, coding});
    return coding;
  };
  return {...module, codeTensorHeader};
});
vi.mock('../../src/formats/tfmz/format/container.ts', async original => {
  const module = await original<typeof import('../../src/formats/tfmz/format/container.ts')>();
  const readContainer: typeof module.readContainer = file => {
    const sections = module.readContainer(file);
    seen.sections.push(sections);
    return sections;
  };
  return {...module, readContainer};
});

beforeAll(async () => {
  const folder = new URL('../fixtures/tfmz/', import.meta.url);
  for (const name of readdirSync(folder).filter(each => each.endsWith('.tfmz')))
    await decompress(readFileSync(new URL(name, folder)));
});

const weights = (): readonly Seen[] => seen.weights as Seen[];
const files = (): readonly (readonly Section[])[] => seen.sections as Section[][];
const by = <M extends Method>(method: M, is: (coding: CodingBy<M>, seen: Seen) => boolean = () => true): boolean =>
  weights().some(each => each.coding.method === method && is(each.coding as CodingBy<M>, each));
const kindOf = ({elements: {kind, size, signed}}: Seen): string => `${signed ? 'signed ' : ''}${kind}${8 * size}`;

/** What a golden file must hold of each method; a method that is new to the decoder does not compile without a line. */
const VARIANTS: Readonly<Record<Method, Readonly<Record<string, () => boolean>>>> = {
  linear: {
    'steps of floats': () => by('linear', (_, {elements}) => elements.kind === 'float'),
    'integers from a word other than 0': () =>
      by('linear', (c, {elements}) => elements.kind === 'integer' && c.scale !== 0),
    'integers from a word below 0': () => by('linear', (c, {elements}) => elements.kind === 'integer' && c.scale < 0),
    'running floats': () => by('linear', (c, {elements}) => c.running && elements.kind === 'float'),
    'running integers': () => by('linear', (c, {elements}) => c.running && elements.kind === 'integer'),
    'rows that belong together': () => by('linear', c => c.period > 1),
    'places of floats': () => by('linear', (c, {elements}) => c.scale === 0 && elements.mantissa === 23),
    'places of floats of half precision': () => by('linear', (_, {elements}) => elements.mantissa === 10),
  },
  palette: {
    'one word': () => by('palette', c => c.palette.length === 1),
    'one word whose bytes differ': () => by('palette', c => c.palette.length === 1 && c.palette[0] === 0x3eaaaaab),
    'multiples of a step': () => by('palette', c => c.step > 0),
    'no step': () => by('palette', (c, {elements}) => c.step === 0 && c.palette.length > 1 && elements.mantissa === 23),
    'level 0 in the middle': () => by('palette', c => c.zero > 0),
    'more than 256 words': () => by('palette', c => c.palette.length > 256),
    'more than 4096 words': () => by('palette', c => c.palette.length > 4096),
    'rows that belong together': () => by('palette', c => c.period > 1),
  },
  float: {
    'all bits': () => by('float', (c, {elements}) => c.shift === 0 && elements.mantissa === 23),
    'low bits zero': () => by('float', (c, {elements}) => c.shift > 0 && elements.mantissa === 23),
    'half precision': () => by('float', (c, {elements}) => c.shift === 0 && elements.mantissa === 10),
    'half precision, low bits zero': () => by('float', (c, {elements}) => c.shift > 0 && elements.mantissa === 10),
    'NaN and infinities': () => by('float', c => c.top === 255),
    'rows that belong together': () => by('float', c => c.period > 1),
    'rows of another width': () => by('float', (c, {lastExtent}) => c.columns !== lastExtent),
  },
  bytes: {
    strings: () => by('bytes', (_, {elements}) => elements.kind === 'opaque'),
    'words of one byte': () => by('bytes', (_, {elements}) => elements.kind !== 'opaque' && elements.size === 1),
    'words of two bytes': () => by('bytes', (_, {elements}) => elements.size === 2),
    'words of four bytes': () => by('bytes', (_, {elements}) => elements.size === 4),
    'no bytes': () => by('bytes', (_, {elements}) => elements.count === 0 && elements.kind !== 'opaque'),
    'no strings': () => by('bytes', (_, {elements}) => elements.count === 0 && elements.kind === 'opaque'),
    'more than are remembered': () => by('bytes', (_, {elements}) => elements.count * elements.size > 2 ** 18),
  },
  copy: {
    'of the first weight': () => by('copy', c => c.source === 0),
    'of a later one': () => by('copy', c => c.source > 0),
  },
  indices: {
    'multiples of a step': () => by('indices', c => c.step > 0),
    'no step': () => by('indices', (c, {elements}) => c.step === 0 && elements.mantissa === 23),
    integers: () => by('indices', (_, {elements}) => elements.kind === 'integer'),
  },
  signed: {
    floats: () => by('signed', ({inner}, {elements}) => inner.method === 'float' && elements.mantissa === 23),
    'floats of half precision': () =>
      by('signed', ({inner}, {elements}) => inner.method === 'float' && elements.mantissa === 10),
    steps: () => by('signed', ({inner}) => inner.method === 'linear'),
    'a palette': () => by('signed', ({inner}) => inner.method === 'palette' && inner.palette.length > 1),
    'zeros alone': () => by('signed', ({inner}) => inner.method === 'palette' && inner.palette.length === 1),
    'a vector': () => by('signed', (_, {elements, lastExtent}) => elements.count === lastExtent),
  },
  pieces: {
    'one copy': () => by('pieces', ({copies}) => copies.gaps.length === 1),
    'copies from as far back as the one before': () =>
      by('pieces', ({copies: {distances}}) => distances.some((distance, i) => i > 0 && distance === distances[i - 1])),
    'a copy of itself': () =>
      by('pieces', ({copies: {distances, lengths}}, {elements}) =>
        distances.some((distance, i) => distance < lengths[i]! * elements.size),
      ),
    'copies of an odd number of bytes before': () =>
      by('pieces', ({copies: {distances}}, {elements}) => distances.some(distance => distance % elements.size !== 0)),
    'nothing but copies': () =>
      by(
        'pieces',
        ({copies: {lengths}}, {elements}) => lengths.reduce((sum, length) => sum + length, 0) === elements.count,
      ),
    'words of one byte': () => by('pieces', (_, {elements}) => elements.size === 1),
    'words of two bytes': () => by('pieces', (_, {elements}) => elements.size === 2),
    'floats between': () => by('pieces', ({inner}) => inner.method === 'float'),
    'bytes between': () => by('pieces', ({inner}) => inner.method === 'bytes'),
  },
};

test.each(
  Object.entries(VARIANTS).flatMap(([method, is]) =>
    Object.entries(is).map(([name, has]) => [method, name, has] as const),
  ),
)('a golden file holds %s: %s', (_method, _name, has) => {
  expect(has()).toBe(true);
});

test.each<[string, readonly Method[]]>([
  ['signed float32', ['linear', 'palette', 'float', 'bytes', 'indices']],
  ['signed float16', ['palette', 'float', 'bytes']],
  ['signed integer32', ['linear', 'palette', 'bytes']],
  ['integer16', ['linear', 'palette', 'bytes']],
  ['integer8', ['linear', 'palette', 'bytes', 'indices']],
  ['opaque8', ['bytes']],
])('a golden file holds %s by each of %s', (kind, methods) => {
  const found = new Set(
    weights()
      .filter(each => kindOf(each) === kind)
      .map(({coding}) => coding.method),
  );
  expect([...found]).toEqual(expect.arrayContaining([...methods]));
});

test('golden files hold several sections of weights, none, and padded ones', () => {
  const counts = new Set(files().map(sections => sections.length - 1));
  expect([...counts].sort()).toEqual([0, 1, 2, 3]);
  const padded = (sections: readonly Section[], at: number): boolean =>
    sections
      .at(at)
      ?.payload.subarray(-100)
      .every(byte => byte === 0) === true;
  expect(files().filter(sections => padded(sections, 0))).toHaveLength(1);
  expect(files().filter(sections => sections.length > 1 && padded(sections, -1)).length).toBeGreaterThan(1);
});

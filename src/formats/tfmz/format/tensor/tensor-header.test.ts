import {describe, expect, test} from 'vitest';
import {rangeDecoder} from '../../coder/range-decoder.ts';
import {rangeEncoder} from '../../coder/range-encoder.ts';
import type {Version} from '../../coder/version.ts';
import {type Elements, elementsOf} from '../elements.ts';
import {meterOf} from '../meter.ts';
import {codeTensorHeader, type TensorCoding} from './tensor-header.ts';

const FLOATS = elementsOf({name: 'a', shape: [30, 40], dtype: 'float32'}, 0);
const BYTES = elementsOf({name: 'a', shape: [30, 40], dtype: 'bool'}, 0);
const TEXT = elementsOf({name: 'a', shape: [2], dtype: 'string'}, 50);
const HALVES = {...FLOATS, size: 2, mantissa: 10};
const MANY: Elements = {...FLOATS, count: 2 ** 22};

/** What a decoder reads of a header that an encoder was made to write. */
function read(coding: TensorCoding, elements: Elements, version: Version): TensorCoding {
  const coder = rangeEncoder();
  codeTensorHeader({coder, meter: meterOf(), version}, elements, 40, coding);
  return codeTensorHeader({coder: rangeDecoder(coder.finish()), meter: meterOf(), version}, elements, 40, undefined);
}

const float = {method: 'float', columns: 40, period: 1, shift: 3, top: 120} as const;
const linear = {method: 'linear', columns: 40, period: 1, scale: 0.5, running: false} as const;
const words = (count: number): Uint32Array => Uint32Array.from({length: count}, (_, i) => 0x3f800000 + i);
const palette = (count: number, zero = 0): TensorCoding => ({
  method: 'palette',
  columns: 40,
  period: 1,
  palette: words(count),
  zero,
  step: 0,
});

describe.each<[name: string, Version, Elements, fits: readonly TensorCoding[]]>([
  [
    'floats',
    1,
    FLOATS,
    [
      float,
      linear,
      {...linear, running: true},
      palette(1),
      palette(256, 255),
      {method: 'bytes'},
      {method: 'copy', source: 7},
    ],
  ],
  [
    'grids',
    1,
    FLOATS,
    [
      {...float, columns: 1200},
      {...float, columns: 1},
      {...float, period: 30},
    ],
  ],
  [
    'wide grids',
    1,
    MANY,
    [
      {...float, columns: 65_536},
      {...float, columns: 65_536, period: 4},
    ],
  ],
  [
    'mantissas',
    1,
    FLOATS,
    [
      {...float, shift: 0},
      {...float, shift: 23},
      {...float, top: 255},
    ],
  ],
  ['halves', 1, HALVES, [{...float, shift: 10, top: 31}]],
  ['places', 2, FLOATS, [{...linear, scale: 0}]],
  [
    'signs',
    2,
    FLOATS,
    [
      {method: 'signed', inner: float},
      {method: 'signed', inner: linear},
    ],
  ],
])('%s of format %i', (_, version, elements, fits) => {
  test.each(fits.map(coding => [coding]))('%j comes back', coding => {
    expect(read(coding, elements, version)).toEqual(coding);
  });
});

describe.each<[what: string, Version, Elements, refused: readonly TensorCoding[]]>([
  [
    'number of columns',
    1,
    FLOATS,
    [
      {...float, columns: 0},
      {...float, columns: 1201},
    ],
  ],
  ['number of columns', 1, MANY, [{...float, columns: 65_537}]],
  [
    'period',
    1,
    FLOATS,
    [
      {...float, period: 31},
      {...linear, columns: 1200, period: 2},
    ],
  ],
  ['period', 1, MANY, [{...float, columns: 65_536, period: 5}]],
  [
    'mantissa shift',
    1,
    FLOATS,
    [
      {...float, shift: 24},
      {...float, shift: 31},
    ],
  ],
  ['mantissa shift', 1, HALVES, [{...float, shift: 11, top: 3}]],
  ['float coding', 1, BYTES, [float]],
  ['palette length', 1, {...FLOATS, count: 100}, [palette(101)]],
  ['palette length', 1, MANY, [palette(4097), {...palette(257), method: 'indices'} as TensorCoding]],
  ['palette zero', 1, FLOATS, [palette(5, 5), palette(1, 1)]],
  ['palette coding of type', 1, TEXT, [palette(3)]],
  ['linear coding of type', 2, TEXT, [linear]],
  ['linear coding of type', 1, HALVES, [linear]],
  ['step of type', 2, HALVES, [linear]],
  ['signed coding', 2, BYTES, [{method: 'signed', inner: {...linear, scale: 1}}]],
  [
    'signed coding',
    2,
    FLOATS,
    [
      {method: 'signed', inner: {method: 'bytes'} as never},
      {method: 'signed', inner: {method: 'copy', source: 1} as never},
    ],
  ],
  [
    'coding of pieces',
    2,
    FLOATS,
    [
      {method: 'copy', source: 1},
      {method: 'pieces', copies: noCopies(), inner: {method: 'bytes'}},
    ].map(inner => ({
      method: 'pieces',
      copies: noCopies(),
      inner: inner as never,
    })),
  ],
])('a %s of format %i that cannot be', (what, version, elements, refused) => {
  test.each(refused.map(coding => [coding]))('%j is refused', coding => {
    expect(() => read(coding, elements, version)).toThrow(
      expect.objectContaining({code: 'corrupt-file', message: expect.stringContaining(`A weight's ${what}`)}),
    );
  });
});

test('methods that a format does not know are refused', () => {
  for (const method of [6, 7]) {
    const coder = rangeEncoder();
    coder.raw(method, 3);
    const decoder = rangeDecoder(coder.finish());
    expect(() => codeTensorHeader({coder: decoder, meter: meterOf(), version: 1}, FLOATS, 40, undefined)).toThrow(
      expect.objectContaining({code: 'corrupt-file', message: expect.stringContaining(`coding method`)}),
    );
  }
});

function noCopies(): {gaps: Uint32Array; lengths: Uint32Array; distances: Uint32Array} {
  return {gaps: new Uint32Array(0), lengths: new Uint32Array(0), distances: new Uint32Array(0)};
}

import {inflateSync} from 'node:zlib';
import {expect, test} from 'vitest';
import {animatedPng} from './animated-png.ts';
import {thumbnailOf} from './thumbnail.ts';

/** The chunks of a PNG, types and data; checks their sums by zlib's own. */
function chunksOf(file: Uint8Array): {type: string; data: Uint8Array}[] {
  const view = new DataView(file.buffer);
  const chunks = [];
  for (let at = 8; at < file.length; ) {
    const length = view.getUint32(at);
    chunks.push({
      type: String.fromCharCode(...file.subarray(at + 4, at + 8)),
      data: file.slice(at + 8, at + 8 + length),
    });
    at += 12 + length;
  }
  return chunks;
}

test('frames are the masks, numbered in one sequence', () => {
  const masks = [0.2, 0.5, 0.9].map(
    share =>
      thumbnailOf(
        Float32Array.from({length: 30}, (_, i) => (((i * 7) % 30) / 30 < share ? 0 : 1)),
        [3, 10],
      )!,
  );
  const file = animatedPng(masks, {
    colours: [
      [0, 0, 0],
      [255, 255, 255],
    ],
    frameMs: 100,
  });
  const chunks = chunksOf(file);
  expect(chunks.map(({type}) => type)).toEqual([
    ...['IHDR', 'acTL', 'PLTE', 'fcTL', 'IDAT', 'fcTL', 'fdAT', 'fcTL', 'fdAT', 'IEND'],
  ]);
  const numbered = chunks.filter(({type}) => type === 'fcTL' || type === 'fdAT');
  expect(numbered.map(({data}) => new DataView(data.buffer).getUint32(0))).toEqual([0, 1, 2, 3, 4]);
  const frames = chunks.filter(({type}) => type === 'IDAT' || type === 'fdAT');
  frames.forEach(({type, data}, i) => {
    const rows = inflateSync(type === 'IDAT' ? data : data.subarray(4));
    const bits = Array.from({length: 3}, (_, row) =>
      Array.from({length: 10}, (_, x) => (rows[row * 3 + 1 + (x >> 3)]! >> (7 - (x & 7))) & 1),
    ).flat();
    const expected = Array.from({length: 30}, (_, k) => (((k * 7) % 30) / 30 < [0.2, 0.5, 0.9][i]! ? 0 : 1));
    expect(bits).toEqual(expected);
  });
});

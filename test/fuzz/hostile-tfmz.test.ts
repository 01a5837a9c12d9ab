import {expect, test} from 'vitest';
import {decompress} from '../../src/compression/index.ts';
import {seeded} from '../../testing/seeded.ts';
import {attack} from './_attack.ts';
import {soundFiles} from './_files.ts';

const files = await soundFiles();

test('the sound files decode', () => {
  expect(files.map(file => decompress(file).weightSpecs.length)).toEqual([4, 4, 4, 8, 0]);
});

test('3,000 mutated files are refused with a TfmotError or decode', () => {
  const {refused, decoded, largestShare} = attack(files, 3000, seeded(5));
  expect(Object.keys(refused)).toEqual(['corrupt-file']);
  expect(refused['corrupt-file']).toBeGreaterThan(1500);
  expect(decoded).toBeLessThan(1500);
  expect(largestShare).toBeLessThan(1);
});

test('every truncation is refused', () => {
  for (const file of files) {
    for (let length = 0; length < file.length; length++) {
      expect(() => decompress(file.subarray(0, length)), `${length} of ${file.length}`).toThrow(
        expect.objectContaining({name: 'TfmotError', code: 'corrupt-file'}),
      );
    }
  }
});

test('every flipped bit is noticed', () => {
  const file = files[1]!.slice();
  for (let i = 0; i < file.length; i++) {
    file[i]! ^= 1 << (i & 7);
    expect(() => decompress(file), `byte ${i}`).toThrow(expect.objectContaining({code: 'corrupt-file'}));
    file[i]! ^= 1 << (i & 7);
  }
});

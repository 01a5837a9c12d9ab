import {expect, test} from 'vitest';
import {decompress} from '../../src/compression/index.ts';
import {seeded} from '../../testing/seeded.ts';
import {attack} from './_attack.ts';
import {soundFiles} from './_files.ts';

const files = await soundFiles();

test('the sound files decode', async () => {
  const models = await Promise.all(files.map(file => decompress(file)));
  expect(models.map(({weightSpecs}) => weightSpecs.length)).toEqual([4, 4, 4, 8, 0]);
});

test('3,000 mutated files are refused with a TfmotError or decode', async () => {
  const {refused, decoded, largestShare} = await attack(files, 3000, seeded(5));
  expect(Object.keys(refused).every(code => code === 'corrupt-file' || code === 'memory-limit')).toBe(true);
  expect(refused['corrupt-file']).toBeGreaterThan(1500);
  expect(decoded).toBeLessThan(1500);
  expect(largestShare).toBeLessThan(1);
});

test('every truncation is refused', async () => {
  for (const file of files) {
    for (let length = 0; length < file.length; length++) {
      await expect(decompress(file.subarray(0, length)), `${length} of ${file.length}`).rejects.toThrow(
        expect.objectContaining({name: 'TfmotError', code: 'corrupt-file'}),
      );
    }
  }
});

test('every flipped bit is noticed', async () => {
  const file = files[1]!.slice();
  for (let i = 0; i < file.length; i++) {
    file[i]! ^= 1 << (i & 7);
    await expect(decompress(file), `byte ${i}`).rejects.toThrow(expect.objectContaining({code: 'corrupt-file'}));
    file[i]! ^= 1 << (i & 7);
  }
});

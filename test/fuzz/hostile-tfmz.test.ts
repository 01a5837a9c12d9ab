import {expect, test} from 'vitest';
import {decompress} from '../../src/compression/index.ts';
import {seeded} from '../../testing/seeded.ts';
import {attack} from './_attack.ts';
import {soundFiles} from './_files.ts';

const files = await soundFiles();

test('the sound files decode, and are of both formats', async () => {
  const decoded = await Promise.all(files.map(({bytes}) => decompress(bytes)));
  expect(decoded.map(({weightSpecs}) => weightSpecs.length)).toEqual([4, 4, 4, 8, 0, 3]);
  expect(new Set(files.map(({bytes}) => bytes[4]))).toEqual(new Set([1, 2]));
});

test('1,000 mutated files are refused with a TfmotError or decode, none beyond the limits', () => {
  const {refused, decoded, dearest, largest} = attack(files, 1000, seeded(5), 500_000);
  expect(['corrupt-file', 'memory-limit', 'unsupported-model']).toEqual(expect.arrayContaining(Object.keys(refused)));
  expect(refused['corrupt-file']).toBeGreaterThan(300);
  expect(refused['memory-limit']).toBeGreaterThan(0);
  expect(decoded).toBeGreaterThan(100);
  expect(dearest).toBeLessThanOrEqual(1);
  expect(largest).toBeLessThan(1);
});

test('every truncation is refused', async () => {
  for (const {bytes} of files) {
    for (let length = 0; length < bytes.length; length++) {
      await expect(decompress(bytes.subarray(0, length)), `${length} of ${bytes.length}`).rejects.toThrow(
        expect.objectContaining({name: 'TfmotError', code: 'corrupt-file'}),
      );
    }
  }
});

test('every flipped bit is noticed', async () => {
  const file = files[1]!.bytes.slice();
  for (let i = 0; i < file.length; i++) {
    file[i]! ^= 1 << (i & 7);
    await expect(decompress(file), `byte ${i}`).rejects.toThrow(expect.objectContaining({code: 'corrupt-file'}));
    file[i]! ^= 1 << (i & 7);
  }
});

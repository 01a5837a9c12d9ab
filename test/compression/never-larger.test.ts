import {brotliCompressSync, gzipSync} from 'node:zlib';
import {expect, test} from 'vitest';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {compress, compressWithReport, decompress} from '../../src/compression/index.ts';
import {FLOAT_ZOO, OTHER_ZOO} from './_zoo.ts';

/** The smaller of gzip -9 and brotli -11 of the model.json and the weights. */
function generalPurpose({weightData, ...head}: ModelArtifacts): number {
  const bytes = Buffer.concat([Buffer.from(JSON.stringify(head)), Buffer.from(weightData as ArrayBuffer)]);
  return Math.min(gzipSync(bytes, {level: 9}).length, brotliCompressSync(bytes).length);
}

const all = Object.entries({...FLOAT_ZOO, ...OTHER_ZOO});

test.each(all)('%s, without loss', async (_name, model) => {
  const file = await compress(model);
  expect(file.length).toBeLessThan(generalPurpose(model));
  expect(
    Buffer.from((await decompress(file)).weightData as ArrayBuffer).equals(
      Buffer.from(model.weightData as ArrayBuffer),
    ),
  ).toBe(true);
});

test.each(Object.entries(FLOAT_ZOO))('%s, quantised', async (_name, model) => {
  for (const options of [{bits: 8}, {bits: 4}, {bits: 2}, {codebook: 16}, {step: 'auto'}] as const) {
    const {bytes, artifacts} = await compressWithReport(model, {...options, include: 'all'});
    expect(bytes.length, JSON.stringify(options)).toBeLessThan(generalPurpose(artifacts));
    expect((await decompress(bytes)).weightData).toEqual(artifacts.weightData);
  }
});

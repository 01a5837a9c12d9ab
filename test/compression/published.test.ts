import {brotliCompressSync, constants, gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {compress, decompress} from '../../src/compression/index.ts';
import {PUBLISHED, publishedArtifacts} from '../../testing/published.ts';
import {fullRun, publishedModels, unmet} from '../_needs.ts';

/** The artifacts of a published model, and its JSON and weights as they are, one after another. */
function published(name: string): {artifacts: ModelArtifacts; plain: Uint8Array} {
  const artifacts = publishedArtifacts(name);
  const {weightData, ...head} = artifacts;
  const plain = Buffer.concat([Buffer.from(JSON.stringify(head)), new Uint8Array(weightData as ArrayBuffer)]);
  return {artifacts, plain};
}

/** The smaller of gzip -9 and of brotli -11 with its largest window. */
function generalPurpose(bytes: Uint8Array): number {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return Math.min(gzipSync(bytes, {level: 9}).length, brotliCompressSync(bytes, {params}).length);
}

const needs = unmet(fullRun, publishedModels);
describe.skipIf(needs)(`published models without loss${needs}`, () => {
  // A suite needs a test to be seen among the skipped.
  test.each(PUBLISHED.length === 0 ? ['each'] : PUBLISHED)(
    '%s takes no more than gzip or brotli need, and comes back bit for bit',
    async name => {
      const {artifacts, plain} = published(name);
      const file = await compress(artifacts);
      const {weightData} = await decompress(file);
      expect(Buffer.from(weightData as ArrayBuffer).equals(Buffer.from(artifacts.weightData as ArrayBuffer))).toBe(
        true,
      );
      expect(file.length).toBeLessThanOrEqual(generalPurpose(plain));
    },
  );
});

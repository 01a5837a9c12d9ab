import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {brotliCompressSync, constants, gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import type {ModelArtifacts, WeightSpec} from '../../src/artifacts/artifacts.ts';
import {compress, decompress} from '../../src/compression/index.ts';
import {fullRun, type Need, unmet} from '../_needs.ts';

const CACHE = new URL('../../.cache/models/', import.meta.url);
const NAMES = existsSync(CACHE)
  ? readdirSync(CACHE).filter(name => existsSync(new URL(`${name}/model.json`, CACHE)))
  : [];
const modelsFetched: Need = {isMet: NAMES.length > 40, by: 'npm run models'};

interface ModelJson {
  readonly weightsManifest: readonly {readonly paths: readonly string[]; readonly weights: readonly WeightSpec[]}[];
}

/** The artifacts of a published model, and its JSON and weights as they are, one after another. */
function published(name: string): {artifacts: ModelArtifacts; plain: Uint8Array} {
  const folder = new URL(`${name}/`, CACHE);
  const {weightsManifest, ...head} = JSON.parse(readFileSync(new URL('model.json', folder), 'utf8')) as ModelJson;
  const weightSpecs = weightsManifest.flatMap(({weights}) => weights);
  const shards = weightsManifest.flatMap(({paths}) => paths.map(path => readFileSync(new URL(path, folder))));
  const weights = Uint8Array.from(Buffer.concat(shards));
  return {
    artifacts: {...head, weightSpecs, weightData: weights.buffer} as unknown as ModelArtifacts,
    plain: Buffer.concat([Buffer.from(JSON.stringify({...head, weightSpecs})), weights]),
  };
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

const needs = unmet(fullRun, modelsFetched);
describe.skipIf(needs)(`published models without loss${needs}`, () => {
  // A suite needs a test to be seen among the skipped.
  test.each(NAMES.length === 0 ? ['each'] : NAMES)(
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

import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {isTfmotError} from 'tfjs-model-optimization';
import {modelFolder} from 'tfjs-model-optimization/node';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {openArtifacts} from '../../src/formats/open-artifacts.ts';
import {seeded} from '../../testing/seeded.ts';
import {FULL} from '../_needs.ts';

const MUTATIONS = FULL ? 60_000 : 1_500;

let folder: string;
let json: Buffer;
let shard: Buffer;
let shardPath: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-hostile-'));
  const layer = (class_name: string, name: string): object => ({
    class_name,
    config: {name, units: 3, activation: 'relu'},
  });
  await modelFolder(folder).save({
    modelTopology: {
      model_config: {
        class_name: 'Sequential',
        config: {name: 'model', layers: [layer('Dense', 'first'), layer('LSTM', 'second'), layer('Dense', 'third')]},
      },
    },
    weightSpecs: [
      {name: 'first/kernel', shape: [4, 3], dtype: 'float32'},
      {name: 'first/bias', shape: [3], dtype: 'int32'},
      {name: 'second/kernel', shape: [5], dtype: 'float32', quantization: {dtype: 'uint8', min: -1, scale: 0.01}},
      {name: 'third/kernel', shape: [3, 2], dtype: 'float32', quantization: {dtype: 'float16'}},
    ],
    weightData: Uint8Array.from({length: 48 + 12 + 5 + 12}, (_, i) => i * 37).buffer,
  });
  json = await readFile(join(folder, 'model.json'));
  shardPath = join(folder, JSON.parse(json.toString()).weightsManifest[0].paths[0]);
  shard = await readFile(shardPath);
});
afterAll(() => rm(folder, {recursive: true}));

/** Whole numbers from 0, less than what is asked. */
function randomNumbers(seed: number): (below: number) => number {
  const random = seeded(seed);
  return below => Math.floor(random() * below);
}

/** Bytes with something wrong: flipped bits, a cut, a piece copied elsewhere, or an immense number. */
function mutated(bytes: Buffer, random: (below: number) => number): Buffer {
  const result = Buffer.from(bytes);
  switch (random(5)) {
    case 0:
      return result.subarray(0, random(result.length));
    case 1: {
      const [from, to, length] = [random(result.length), random(result.length), random(60)];
      return Buffer.concat([result.subarray(0, to), result.subarray(from, from + length), result.subarray(to)]);
    }
    case 2: {
      const numbers = ['-1', '1e300', '4294967296', '9007199254740993', '0', 'null', '{}', '[]', '"x"', '1.5'];
      const digits = [...result.toString('latin1').matchAll(/\d+|"[a-z0-9_]+"/g)];
      const chosen = digits[random(Math.max(1, digits.length))];
      if (chosen === undefined) return result.subarray(1);
      const end = chosen.index + chosen[0].length;
      const number = Buffer.from(numbers[random(numbers.length)]!);
      return Buffer.concat([result.subarray(0, chosen.index), number, result.subarray(end)]);
    }
    case 3: {
      const [from, length] = [random(result.length), 1 + random(40)];
      return Buffer.concat([result.subarray(0, from), result.subarray(from + length)]);
    }
    default:
      for (let flips = 1 + random(3); flips > 0; flips--) result[random(result.length)]! ^= 1 << random(8);
      return result;
  }
}

test(`${MUTATIONS} mutated folders are read or refused, and nothing else happens`, async () => {
  const random = randomNumbers(2463534242);
  const outcomes = new Map<string, number>();
  let slowest = 0;
  for (let round = 0; round < MUTATIONS; round++) {
    const hitsShard = round % 10 === 0;
    await writeFile(join(folder, 'model.json'), hitsShard ? json : mutated(json, random));
    await writeFile(shardPath, hitsShard ? mutated(shard, random) : shard);
    const began = performance.now();
    let outcome = 'read';
    try {
      const artifacts = (await modelFolder(folder).load()) as ModelArtifacts;
      for (const {bytes} of openArtifacts(artifacts).weights) expect(bytes().length).toBeLessThanOrEqual(shard.length);
    } catch (error) {
      if (!isTfmotError(error)) throw new Error(`Round ${round}: ${(error as Error).stack}`);
      outcome = error.code;
    }
    slowest = Math.max(slowest, performance.now() - began);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  if (FULL) expect(slowest).toBeLessThan(1000);
  // The mutations must reach every check, not only the first.
  expect([...outcomes.keys()]).toEqual(
    expect.arrayContaining(['read', 'invalid-model', 'corrupt-file', 'file-not-found', 'invalid-topology']),
  );
}, 600_000);

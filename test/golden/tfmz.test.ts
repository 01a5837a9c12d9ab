import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {compress, decompress} from 'tfjs-model-optimization/compression';
import {describe, expect, test} from 'vitest';
import {type DecodedDigest, digestOf, sha256} from './_digests.ts';
import {GOLDENS} from './_tfmz-models.ts';

const ROOT = new URL('../../', import.meta.url);
const FOLDER = new URL('test/fixtures/tfmz/', ROOT);
const EXPECTED: Readonly<Record<string, {file: string; bytes: number; decoded: DecodedDigest}>> = JSON.parse(
  readFileSync(new URL('digests.json', FOLDER), 'utf8'),
);

test('every golden file has its digests', () => {
  const goldens = Object.keys(GOLDENS).map(name => `${name}.tfmz`);
  expect(readdirSync(FOLDER).sort()).toEqual([...goldens, 'digests.json'].sort());
  for (const path of Object.keys(EXPECTED)) expect(existsSync(new URL(path, ROOT))).toBe(true);
  expect(Object.keys(EXPECTED).filter(path => path.startsWith('bench/results/size/'))).toHaveLength(5);
});

// Decoding is for ever. What the encoder writes for these models may become better, so it is not pinned.
describe.each(Object.entries(EXPECTED))('%s', (path, {file, bytes, decoded}) => {
  test('decodes to what was written', async () => {
    const golden = readFileSync(new URL(path, ROOT));
    const version = path.startsWith('test/fixtures/tfmz/format-2-') ? 2 : 1;
    expect([...golden.subarray(0, 5)]).toEqual([...Buffer.from('TFMZ'), version]);
    expect([golden.length, sha256(golden)]).toEqual([bytes, file]);
    const artifacts = await decompress(golden);
    expect(digestOf(artifacts)).toEqual(decoded);
    if (decoded.weightBytes < 1e6) expect(digestOf(await decompress(await compress(artifacts)))).toEqual(decoded);
  });
});

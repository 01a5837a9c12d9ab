// Makes the golden files of `.tfmz` that are not there yet: `npx tsx test/golden/make-tfmz.ts`. A file that is there
// stays as it is, because it stands for the files that people have; give a new kind of file a new name in
// _tfmz-models.ts.
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {compressWithReport, decompress} from 'tfjs-model-optimization/compression';
import {canonicalJson, type DecodedDigest, digestOf, sha256} from './_digests.ts';
import {GOLDENS} from './_tfmz-models.ts';

const FOLDER = new URL('../fixtures/tfmz/', import.meta.url);
const TABLE = new URL('digests.json', FOLDER);
const SIZE_TABLE = [
  'lenet-300-100-accurate',
  'lenet-300-100-small',
  'mnist-cnn-90-lossless',
  'mnist-cnn-90',
  'mnist-cnn-small',
];

const table: Record<string, {file: string; bytes: number; decoded: DecodedDigest}> = existsSync(TABLE)
  ? JSON.parse(readFileSync(TABLE, 'utf8'))
  : {};

async function add(path: string, bytes: Uint8Array): Promise<void> {
  table[path] = {file: sha256(bytes), bytes: bytes.length, decoded: digestOf(await decompress(bytes))};
}

for (const name of SIZE_TABLE) {
  const path = `bench/results/size/${name}.tfmz`;
  if (!(path in table)) await add(path, readFileSync(new URL(`../../${path}`, import.meta.url)));
}
for (const [name, {artifacts, options}] of Object.entries(GOLDENS)) {
  const path = `test/fixtures/tfmz/${name}.tfmz`;
  if (path in table) continue;
  const {bytes, artifacts: expected} = await compressWithReport(artifacts, options);
  if (canonicalJson(digestOf(await decompress(bytes))) !== canonicalJson(digestOf(expected)))
    throw new Error(`${name} does not decode to what was compressed.`);
  if ((bytes[4] === 2) !== name.startsWith('format-2-')) throw new Error(`${name} is of format ${bytes[4]}.`);
  writeFileSync(new URL(`${name}.tfmz`, FOLDER), bytes);
  await add(path, bytes);
  console.log(path, bytes.length);
}
writeFileSync(TABLE, `${JSON.stringify(table, undefined, 2)}\n`);

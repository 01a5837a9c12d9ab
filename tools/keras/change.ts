/** Writes the fixtures again with every second weight changed to half of itself plus 0.25, for `files.py --read`. */

import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {open} from '../../src/formats/open.ts';

const [out = 'out/keras'] = process.argv.slice(2);
const folder = new URL('../../test/fixtures/keras-files/', import.meta.url);
mkdirSync(out, {recursive: true});
for (const file of readdirSync(folder).filter(name => /\.k[23]\.(h5|keras)$/.test(name))) {
  const model = await open(new Uint8Array(readFileSync(new URL(file, folder))));
  const changed = model.weights
    .filter(({dtype}, i) => i % 2 === 1 && /float/.test(dtype))
    .map(weight => [weight.name, {values: weight.values().map(value => value / 2 + 0.25)}] as const);
  const [bytes] = (await model.withWeights(new Map(changed)).save()).values();
  writeFileSync(`${out}/${file}`, bytes!);
}

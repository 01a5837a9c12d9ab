import {seeded} from '../../testing/seeded.ts';
import {attack} from './_attack.ts';
import {soundFiles} from './_files.ts';

/** `npm run fuzz [-- FILES SEED]`: mutated .tfmz files against the decoder, 200,000 of them. */
const [count = '200000', seed = '1'] = process.argv.slice(2);
const ROUND = 10_000;
const files = await soundFiles();
const random = seeded(Number(seed));
let decoded = 0;
let slowestMs = 0;
for (let done = 0; done < Number(count); done += ROUND) {
  const toll = await attack(files, Math.min(ROUND, Number(count) - done), random);
  decoded += toll.decoded;
  slowestMs = Math.max(slowestMs, toll.slowestMs);
  console.log(`${done + toll.files} files: ${decoded} decoded, the others refused; slowest ${slowestMs.toFixed(0)} ms`);
}
if (slowestMs > 1000) throw new Error(`No file may take more than 1 s, but one took ${slowestMs.toFixed(0)} ms.`);

import {artifactsWith, floats} from '../../testing/artifacts.ts';
import {encoded} from '../../testing/encoded.ts';
import {seeded} from '../../testing/seeded.ts';
import {attack, type Fate, fateOf} from './_attack.ts';
import {BOMBS} from './_bombs.ts';
import {soundFiles} from './_files.ts';

/**
 * `npm run fuzz [-- FILES SEED]`: mutated .tfmz files against the decoder, 200,000 of them, and files that take all
 * that the limits allow. On an idle machine none may take more than twice as long as a sound file of as many decisions.
 */
const [count = '200000', seed = '1'] = process.argv.slice(2);
const ROUND = 5000;
const LIMIT = 2;
/** Files of fewer decisions are too quick to be timed. */
const TIMED = 2_000_000;

/** Nanoseconds a decision of a sound file: 2 M weights, nine in ten of them zero, decoded after the code is warm. */
function soundCost(): number {
  const random = seeded(3);
  const values = Float32Array.from({length: 2_000_000}, () =>
    random() < 0.1 ? Math.ceil(random() * 7) * (random() < 0.5 ? -0.25 : 0.25) : 0,
  );
  const file = encoded(artifactsWith([floats('a/kernel', [2000, 1000], values)]));
  const fates = Array.from({length: 5}, () => fateOf(file));
  return Math.min(...fates.map(({ms, decisions}) => (1e6 * ms) / decisions));
}

const sound = soundCost();
console.log(`a sound file: ${sound.toFixed(1)} ns a decision`);
const failures: string[] = [];
function check(name: string, {ms, decisions, code}: Fate): void {
  const cost = (1e6 * ms) / decisions / sound;
  const text = `${name}: ${ms.toFixed(0)} ms, ${(decisions / 1e6).toFixed(1)} M decisions, ${cost.toFixed(2)} times as long each; ${code ?? 'decoded'}`;
  console.log(text);
  if (decisions >= TIMED && cost > LIMIT) failures.push(text);
}

for (const [name, make] of Object.entries(BOMBS)) {
  const file = make();
  check(`${name}, ${file.length} bytes`, fateOf(file));
}

const files = await soundFiles();
const random = seeded(Number(seed));
let decoded = 0;
let slowest: Fate = {decisions: 0, bytes: 0, ms: 0};
let [dearest, largest] = [0, 0];
for (let done = 0; done < Number(count); done += ROUND) {
  const toll = attack(files, Math.min(ROUND, Number(count) - done), random);
  decoded += toll.decoded;
  if (toll.slowest.ms > slowest.ms) slowest = toll.slowest;
  dearest = Math.max(dearest, toll.dearest);
  largest = Math.max(largest, toll.largest);
  const peak = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  console.log(
    `${done + toll.files} files: ${decoded} decoded, the others refused; slowest ${slowest.ms.toFixed(0)} ms, dearest ${(100 * dearest).toFixed(1)} % of its limit, peak ${peak} MiB`,
  );
}
check('the slowest mutant', slowest);
if (dearest > 1 || largest > 1) failures.push(`a file took ${dearest} of its decisions, ${largest} of its bytes`);
if (failures.length > 0) throw new Error(`Files must cost what their decisions say:\n${failures.join('\n')}`);

// Times the engine's kernels, format by format, against TensorFlow.js' wasm backend:
// `npx tsx bench/kernels/main.ts [filter] [--relaxed] [--fast]`. One thread, variants in turns, the median of each.
// `--relaxed` adds the relaxed-SIMD build; `--fast` takes the fastest sample, for a machine that others use too.
import {createRequire} from 'node:module';
import {dirname} from 'node:path';
import v8 from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import {setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import {type KernelVariant, loadKernels} from '../../src/inference/kernels/index.ts';
import {measure, type Task, type Timing} from '../lib/measure.ts';
import {type Case, cases} from './cases.ts';

const TFJS = 'tfjs-wasm';
const relaxed = process.argv.includes('--relaxed');
const filter = process.argv.slice(2).find(word => !word.startsWith('--')) ?? '';
if (relaxed) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');

const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
setWasmPaths(`${dirname(wasm)}/`);
await tf.setBackend('wasm');

const fast = process.argv.includes('--fast');
const variants: KernelVariant[] = relaxed ? ['plain', 'relaxed'] : ['plain'];
for (const one of cases) {
  if (!one.name.includes(filter)) continue;
  console.log(`\n${one.name}`);
  const tasks: Task[] = [];
  if (!process.argv.includes('--no-tfjs')) tasks.push({name: TFJS, run: one.tfjs(tf)});
  for (const variant of variants) {
    for (const [name, run] of await ours(one, variant)) tasks.push({name: `${variant} ${name}`, run});
  }
  const timings = await measure(tasks, {rounds: 101, budgetMs: 3000, sampleMs: 2, warmUpMs: 20});
  const msOf = ({fastestMs, medianMs}: Timing): number => (fast ? fastestMs : medianMs);
  const reference = timings.find(({name}) => name === TFJS);
  for (const timing of timings) {
    const {name} = timing;
    const ms = msOf(timing);
    const work = one.work(name);
    console.log(
      `  ${name.padEnd(24)}${ms.toFixed(4).padStart(9)} ms` +
        `${reference ? `${(msOf(reference) / ms).toFixed(2)}x`.padStart(9) : ''}` +
        `${work ? `${((ms * 1e6) / work).toFixed(3)} ns a multiply-add vector`.padStart(38) : ''}`,
    );
  }
  tf.disposeVariables();
}

async function ours(one: Case, variant: KernelVariant): Promise<Map<string, () => void>> {
  const memory = new WebAssembly.Memory({initial: 2048});
  return one.ours(await loadKernels(memory, variant), memory);
}

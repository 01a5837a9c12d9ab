// Times the engine's kernels, format by format, against TensorFlow.js' wasm backend: `npx tsx bench/kernels.ts [filter]`.
// One thread, variants interleaved, median of many runs. With `--relaxed` also the relaxed-SIMD build.
import {createRequire} from 'node:module';
import {dirname} from 'node:path';
import v8 from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import {setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import {type KernelVariant, loadKernels} from '../src/inference/kernels/index.ts';
import {type Case, cases} from './kernel-cases.ts';

const relaxed = process.argv.includes('--relaxed');
const filter = process.argv.slice(2).find(word => !word.startsWith('--')) ?? '';
if (relaxed) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');

const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
setWasmPaths(`${dirname(wasm)}/`);
await tf.setBackend('wasm');

/** 0.5 is the median; `--fast` takes the first decile, for a machine that others use too. */
const quantile = process.argv.includes('--fast') ? 0.1 : 0.5;
const variants: KernelVariant[] = relaxed ? ['plain', 'relaxed'] : ['plain'];
for (const one of cases) {
  if (!one.name.includes(filter)) continue;
  console.log(`\n${one.name}`);
  const runs = new Map<string, () => void>();
  if (!process.argv.includes('--no-tfjs')) runs.set('tfjs-wasm', one.tfjs(tf));
  for (const variant of variants) {
    for (const [name, run] of await ours(one, variant)) runs.set(`${variant} ${name}`, run);
  }
  const times = measure(runs);
  const reference = times.get('tfjs-wasm');
  for (const [name, ms] of times) {
    const work = one.work(name);
    console.log(
      `  ${name.padEnd(24)}${ms.toFixed(4).padStart(9)} ms` +
        `${reference ? `${(reference / ms).toFixed(2)}x`.padStart(9) : ''}` +
        `${work ? `${((ms * 1e6) / work).toFixed(3)} ns a multiply-add vector`.padStart(38) : ''}`,
    );
  }
  tf.disposeVariables();
}

async function ours(one: Case, variant: KernelVariant): Promise<Map<string, () => void>> {
  const memory = new WebAssembly.Memory({initial: 2048});
  return one.ours(await loadKernels(memory, variant), memory);
}

/** Rounds of one run of everything, so that what slows the machine slows all alike. */
function measure(runs: ReadonlyMap<string, () => void>): Map<string, number> {
  const samples = new Map([...runs.keys()].map(name => [name, [] as number[]]));
  const begin = performance.now();
  for (let round = 0; round < 20 || (performance.now() - begin < 3000 && round < 2000); round++) {
    for (const [name, run] of runs) {
      if (round < 10) for (let warm = 0; warm < 5; warm++) run();
      const start = performance.now();
      run();
      samples.get(name)!.push(performance.now() - start);
    }
  }
  return new Map(
    [...samples].map(([name, list]) => [name, list.sort((a, b) => a - b)[Math.floor(list.length * quantile)]!]),
  );
}

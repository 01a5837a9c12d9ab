// Where the engine's time goes, op by op: `npx tsx bench/inference/profile.ts --work InceptionV3 --zeros 90 --pattern
// 1x4`.
import {parseArgs} from 'node:util';
import {compile} from '../../src/inference/index.ts';
import {uniformValues} from '../../testing/seeded.ts';
import {pruneWeights} from '../../testing/weights.ts';
import {timed} from '../lib/clock.ts';
import {milliseconds, textTable} from '../lib/table.ts';
import {PATTERNS, type PatternName} from './compare.ts';
import {tfjsWasm} from './runners/tfjs-wasm.ts';
import {WORKS} from './works/index.ts';
import type {Work} from './works/work.ts';

const {values: options} = parseArgs({
  options: {
    pattern: {type: 'string', default: 'unstructured'},
    runs: {type: 'string', default: '100'},
    work: {type: 'string', default: ''},
    zeros: {type: 'string', default: '90'},
  },
});
await tfjsWasm();
const chosen = WORKS.filter(({name}) => name.toLowerCase().includes(options.work.toLowerCase()));
for (const work of chosen) console.log(`\n${work.name}\n${await profile(work)}`);

/** Every op that takes a hundredth of the time or more, at its fastest; what is left is copying in and out. */
async function profile(work: Work): Promise<string> {
  const model = await work.build();
  pruneWeights(model, PATTERNS[options.pattern as PatternName], Number(options.zeros) / 100);
  const engine = await compile(model, {batchSize: work.inputShape[0]!, variant: 'simd'});
  model.dispose();
  const input = uniformValues(
    work.inputShape.reduce((product, size) => product * size, 1),
    11,
  );
  const {ops} = engine.describe();
  const fastest = new Float64Array(ops.length).fill(Number.POSITIVE_INFINITY);
  let whole = Number.POSITIVE_INFINITY;
  for (let run = 0; run < Number(options.runs); ++run) {
    whole = Math.min(whole, await timed(() => engine.predict(input)));
    for (const [index, {ms}] of (await engine.profile(input)).entries()) fastest[index] = Math.min(fastest[index]!, ms);
  }
  engine.dispose();
  const inOps = fastest.reduce((sum, ms) => sum + ms, 0);
  const row = (name: string, ms: number, ...more: string[]): string[] => {
    const share = `${((100 * ms) / whole).toFixed(0)} %`;
    return [name, milliseconds(ms), share, ...more, ...Array<string>(4 - more.length).fill('')];
  };
  const rows = ops.map(({layer, type, kernels, format, multiplyAdds}, index) => {
    const ms = fastest[index]!;
    const rate = multiplyAdds === 0 ? '' : ((multiplyAdds * work.inputShape[0]!) / ms / 1e6).toFixed(1);
    return row(`${layer} (${type})`, ms, kernels.join(' '), format ?? '', (multiplyAdds / 1e6).toFixed(2), rate);
  });
  const shown = rows.filter((_, index) => fastest[index]! >= whole / 100);
  shown.push(row('copying in and out, calls', whole - inOps), row('predict', whole));
  return textTable(['op', 'ms', 'share', 'kernels', 'format', 'M multiply-adds', 'G multiply-adds/s'], shown);
}

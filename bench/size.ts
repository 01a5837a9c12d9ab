// Measures how small models become: `npm run bench:size -- --help`.
import '@tensorflow/tfjs-backend-wasm';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import * as tf from '@tensorflow/tfjs';
import {modelFolder, writeFileAtomic} from 'tfjs-model-optimization/node';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {loadMnist} from '../examples/mnist/data.ts';
import {describeMachine} from './machine.ts';
import {inceptionRows} from './size/inception-rows.ts';
import {keepCompressed, keepLossless} from './size/keep.ts';
import {type DenseAccuracy, prunedCnnRows, retrainedRows} from './size/mnist-rows.ts';
import {RECIPES} from './size/recipes.ts';
import {DEMO_FOLDER} from './size/retrain.ts';
import {cells, HEADER, type Row} from './size/row.ts';
import {markdownTable, textTable} from './table.ts';
import {hasNsfwModels} from './works/nsfwjs.ts';

const HELP = `npm run bench:size -- [options]
  --full      train the models anew first, about an hour, and keep them in bench/results/size
  --trained   as --full, but take the models that an earlier --full has trained in .cache/size
  --markdown  print the table as Markdown`;

/** Points of accuracy on training images that coding the pruned CNN may cost. */
const CNN_TOLERANCE = 0.05;
const CACHE = '.cache/size';
const KEPT = new URL('./results/size/', import.meta.url);

const {values: options} = parseArgs({
  options: {
    help: {type: 'boolean', default: false},
    full: {type: 'boolean', default: false},
    trained: {type: 'boolean', default: false},
    markdown: {type: 'boolean', default: false},
  },
});
if (options.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  if (options.full) trainAnew();
  await tf.setBackend('wasm');
  registerTrainingKernels();
  const data = await loadMnist();
  if (options.full || options.trained) await keepTrained(data.train);

  const dense = JSON.parse(readFileSync(new URL('dense-accuracy.json', KEPT), 'utf8')) as DenseAccuracy;
  const rows: Row[] = [...(await prunedCnnRows(data.test)), ...(await retrainedRows(data.test, dense))];
  if (hasNsfwModels()) rows.push(...(await inceptionRows()));
  else process.stderr.write('InceptionV3 is left out: npm ci --prefix bench or npm run models brings it.\n');
  console.log((options.markdown ? markdownTable : textTable)(HEADER, rows.map(cells)));
  const result = {machine: describeMachine(), rows};
  await writeFileAtomic(new URL('./results/size.json', import.meta.url).pathname, [
    `${JSON.stringify(result, null, 1)}\n`,
  ]);
}

function trainAnew(): void {
  const run = (...args: string[]): unknown => execFileSync('npx', ['tsx', ...args], {stdio: ['ignore', 2, 2]});
  run('examples/mnist/main.ts', '--out', DEMO_FOLDER);
  run('bench/size/train.ts');
}

async function keepTrained(train: Parameters<typeof keepCompressed>[2]): Promise<void> {
  const pruned = await modelFolder(`${DEMO_FOLDER}/pruned`).load();
  await keepLossless('mnist-cnn-90-lossless', pruned);
  await keepCompressed('mnist-cnn-90', pruned, train, CNN_TOLERANCE);
  const dense: Record<string, number> = {};
  for (const {name, tolerance} of RECIPES) {
    const folder = `${CACHE}/${name}`;
    await keepCompressed(name, await modelFolder(folder).load(), train, tolerance);
    dense[name] = (JSON.parse(readFileSync(`${folder}/trained.json`, 'utf8')) as {denseAccuracy: number}).denseAccuracy;
  }
  await writeFileAtomic(new URL('dense-accuracy.json', KEPT).pathname, [`${JSON.stringify(dense, null, 1)}\n`]);
}

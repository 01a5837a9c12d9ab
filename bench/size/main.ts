// Measures how small models become: `npm run bench:size -- --help`.
import '@tensorflow/tfjs-backend-wasm';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import * as tf from '@tensorflow/tfjs';
import {modelFolder, writeFileAtomic} from 'tfjs-model-optimization/node';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {loadMnist} from '../../examples/mnist/data.ts';
import {hasNsfwModels} from '../../testing/nsfwjs.ts';
import {describeMachine} from '../lib/machine.ts';
import {resultFile, writeResult} from '../lib/result.ts';
import {markdownTable, textTable} from '../lib/table.ts';
import {inceptionRows} from './inception-rows.ts';
import {keepCompressed, keepLossless} from './keep.ts';
import {type DenseAccuracy, prunedCnnRows, retrainedRows} from './mnist-rows.ts';
import {RECIPES} from './recipes.ts';
import {DEMO_FOLDER} from './retrain.ts';
import {cells, HEADER, type Row} from './row.ts';

const HELP = `npm run bench:size -- [options]
  --full      train the models anew first, about an hour, and keep them in bench/results/size
  --trained   as --full, but take the models that an earlier --full has trained in .cache/size
  --markdown  print the table as Markdown`;

/** Points of accuracy on training images that coding the pruned CNN may cost. */
const CNN_TOLERANCE = 0.05;
const CACHE = '.cache/size';
const DENSE_ACCURACY = resultFile('size/dense-accuracy');

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

  const dense = JSON.parse(readFileSync(DENSE_ACCURACY, 'utf8')) as DenseAccuracy;
  const rows: Row[] = [...(await prunedCnnRows(data.test)), ...(await retrainedRows(data.test, dense))];
  if (hasNsfwModels()) rows.push(...(await inceptionRows()));
  else process.stderr.write('InceptionV3 is left out: npm ci --prefix bench or npm run models brings it.\n');
  console.log((options.markdown ? markdownTable : textTable)(HEADER, rows.map(cells)));
  await writeResult(resultFile('size'), {machine: describeMachine(), rows});
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
  await writeFileAtomic(DENSE_ACCURACY, [`${JSON.stringify(dense, null, 1)}\n`]);
}

// Measures what pruning costs in training, and what the training kernels gain: `npm run bench:pruning -- --help`.
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {describeMachine, machineText} from '../lib/machine.ts';
import {type Options, readOptions} from '../lib/options.ts';
import {writeResult} from '../lib/result.ts';
import {milliseconds, textTable} from '../lib/table.ts';
import type {Comparison} from './comparison.ts';
import {againstStock} from './kernels.ts';
import {type MaskUpdateTiming, maskUpdate} from './mask-update.ts';
import {CNN, MLP} from './models.ts';
import {stepRatio} from './step-ratio.ts';

const HELP = `npm run bench:pruning -- [options]
  --quick     fewer rounds; nothing is written unless --out says where
  --out FILE  where the results go as JSON (default bench/results/pruning.json)`;

const options = readOptions('pruning', HELP);
if (options !== undefined) await main(options);

async function main({quick, file}: Options): Promise<void> {
  const machine = describeMachine();
  console.log(`${machineText(machine)}, TensorFlow.js ${tf.version.tfjs}`);

  const kernels = [
    await againstStock('MLP, batch 128: stock wasm / training kernels', {network: 'mlp', batch: 128}, 'wasm', {
      pairs: 2,
      rounds: quick ? 5 : 20,
      warmUp: 5,
    }),
    await againstStock('CNN, batch 16: stock cpu / training kernels', {network: 'cnn', batch: 16}, 'cpu', {
      pairs: 1,
      rounds: quick ? 1 : 3,
      warmUp: 1,
    }),
  ];
  await tf.setBackend('wasm');
  registerTrainingKernels();
  const steps = [
    await stepRatio(MLP, {pairs: quick ? 4 : 24, rounds: 20, warmUp: 4}),
    await stepRatio(CNN, {pairs: quick ? 2 : 9, rounds: quick ? 3 : 6, warmUp: 4}),
  ];
  const updates = [await maskUpdate([3136, 1024], quick ? 7 : 41), await maskUpdate([5000, 5000], quick ? 3 : 15)];

  const rows = [
    ...steps.map(step => ratioRow(step, '<= 1.03', step.ratio <= 1.03)),
    ...updates.map(updateRow),
    ratioRow(kernels[0]!, '>= 2', kernels[0]!.ratio >= 2),
    ratioRow(kernels[1]!, '>= 40', kernels[1]!.ratio >= 40),
  ];
  console.log(textTable(['', 'median', 'quartiles', 'ms', 'target', 'met'], rows));
  const versions = {tfjs: tf.version.tfjs, batch: 128};
  if (file !== undefined) await writeResult(file, {machine, versions, steps, updates, kernels});
}

function ratioRow({what, ratio, lowerQuartile, upperQuartile, medianMs}: Comparison, target: string, met: boolean) {
  return [
    what,
    ratio.toFixed(3),
    `${lowerQuartile.toFixed(3)}-${upperQuartile.toFixed(3)}`,
    medianMs.map(milliseconds).reverse().join(' / '),
    target,
    met ? 'yes' : 'no',
  ];
}

function updateRow({weights, medianMs, lowerQuartileMs, upperQuartileMs}: MaskUpdateTiming) {
  const most = weights > 4e6 ? 300 : 30;
  return [
    `mask update, ${(weights / 1e6).toFixed(1)} M weights`,
    `${milliseconds(medianMs)} ms`,
    `${milliseconds(lowerQuartileMs)}-${milliseconds(upperQuartileMs)}`,
    '',
    `<= ${most} ms`,
    medianMs <= most ? 'yes' : 'no',
  ];
}

// A process that trains one network on one backend, a step whenever the bench asks: kernels cannot be unregistered.
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {timed} from '../lib/clock.ts';
import type {TrainerOptions} from './kernels.ts';
import {batchOf, CNN, compile, MLP} from './models.ts';

const options = JSON.parse(process.argv[2]!) as TrainerOptions;
await tf.setBackend(options.backend);
if (options.registers) registerTrainingKernels();
const network = options.network === 'cnn' ? CNN : MLP;
const model = network.build();
compile(model);
const batch = batchOf(network, options.batch);

process.on('message', async () => {
  process.send!(await timed(() => model.trainOnBatch(batch.xs, batch.ys)));
});

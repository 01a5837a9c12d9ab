import '@tensorflow/tfjs-backend-wasm';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {replayClustering} from './_replay.ts';

registerTrainingKernels();
replayClustering('wasm', {eachStepAlone: true});

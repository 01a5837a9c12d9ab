import '@tensorflow/tfjs-backend-wasm';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {replayTraces} from './_replay.ts';

registerTrainingKernels();
replayTraces('wasm');

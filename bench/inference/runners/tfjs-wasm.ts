import {setBackend, type Tensor, tensor, version_core} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import type {Runner} from './runner.ts';

/** TensorFlow.js on its WebAssembly backend with SIMD; in Node it never uses more than one thread. */
export async function tfjsWasm(): Promise<Runner> {
  if (!(await setBackend('wasm'))) throw new Error('The WebAssembly backend of TensorFlow.js did not start.');
  return {
    name: 'tfjs-wasm',
    version: `@tensorflow/tfjs-backend-wasm ${version_core}`,
    prepare: async ({model, input, inputShape}) => ({
      run: () => {
        const x = tensor(input, inputShape as number[]);
        const y = model.predictOnBatch(x) as Tensor;
        const output = y.dataSync() as Float32Array;
        x.dispose();
        y.dispose();
        return output;
      },
      channelsLast: output => output,
      dispose: () => {},
    }),
  };
}

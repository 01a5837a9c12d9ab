import {
  findBackendFactory,
  getKernel,
  type KernelConfig,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import {TfmotError} from '../errors.ts';
import {mean, sum} from './column-sums.ts';
import {conv2DBackpropFilter} from './conv2d-backprop-filter.ts';
import {conv2DBackpropInput} from './conv2d-backprop-input.ts';
import {conv3DBackpropFilter, conv3DBackpropInput} from './conv3d-backprop.ts';
import {depthwiseBackpropFilter} from './depthwise-backprop-filter.ts';
import {depthwiseBackpropInput} from './depthwise-backprop-input.ts';
import {fusedMatMul} from './fused-mat-mul.ts';
import {functionOf, type TrainingKernel} from './kernel.ts';
import {batchMatMul} from './mat-mul.ts';
import {maxPool3D, maxPool3DGrad} from './max-pool-3d.ts';
import {maxPoolGrad} from './max-pool-grad.ts';
import {samePadding} from './same-padding.ts';
import {tile} from './tile.ts';
import {unsortedSegmentSum} from './unsorted-segment-sum.ts';

/** Every kernel this library gives the wasm backend; a new one is one file and one line here. */
const KERNELS: readonly TrainingKernel[] = [
  batchMatMul,
  conv2DBackpropFilter,
  conv2DBackpropInput,
  conv3DBackpropFilter,
  conv3DBackpropInput,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  fusedMatMul,
  maxPool3D,
  maxPool3DGrad,
  maxPoolGrad,
  mean,
  ...samePadding,
  sum,
  tile,
  unsortedSegmentSum,
];

const registered = new WeakSet<KernelConfig>();

/**
 * Makes `tfjs-backend-wasm` able to train: adds the kernels it lacks (gradients of convolutions, depthwise convolutions
 * and embeddings) and replaces those that are wrong or very slow in training. Call it once, before or after
 * `tf.setBackend('wasm')`; calling it again changes nothing. Other backends are not touched.
 *
 * @returns The names of the kernels this call registered; empty when all were in place already.
 * @throws TfmotError `missing-backend` when no wasm backend is registered with this copy of TensorFlow.js.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * import '@tensorflow/tfjs-backend-wasm';
 * import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
 *
 * registerTrainingKernels();
 * await tf.setBackend('wasm');
 * await model.fit(xs, ys);
 */
export function registerTrainingKernels(): string[] {
  if (!findBackendFactory('wasm')) {
    throw new TfmotError(
      'missing-backend',
      "The wasm backend must be registered first, but TensorFlow.js knows no backend 'wasm'. " +
        "Import '@tensorflow/tfjs-backend-wasm' (and only one copy of '@tensorflow/tfjs-core') before this call.",
    );
  }
  return KERNELS.filter(register).map(({kernelName}) => kernelName);
}

/** Registers one kernel over the stock one, if any; false when it is in place already. */
function register({kernelName, create}: TrainingKernel): boolean {
  const stock = getKernel(kernelName, 'wasm') as KernelConfig | undefined;
  if (stock !== undefined && registered.has(stock)) return false;
  const kernelFunc = create(stock && functionOf(stock)) as unknown as KernelConfig['kernelFunc'];
  // The stock set-up must still run when the backend starts: the stock kernel is called from ours.
  const config: KernelConfig = {...stock, kernelName, backendName: 'wasm', kernelFunc};
  if (stock !== undefined) unregisterKernel(kernelName, 'wasm');
  registerKernel(config);
  registered.add(config);
  return true;
}

import * as tf from '@tensorflow/tfjs';
import {expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {isTfmotError} from '../errors.ts';
import {registerTrainingKernels} from './index.ts';

checkLeaks();

test('refuses without the wasm backend, registers once with it, works before and after the backend starts', async () => {
  let refusal: unknown;
  try {
    registerTrainingKernels();
  } catch (error) {
    refusal = error;
  }
  expect(isTfmotError(refusal) && refusal.code).toBe('missing-backend');
  expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBeUndefined();

  await import('@tensorflow/tfjs-backend-wasm');
  const stock = tf.getKernelsForBackend('wasm').length;
  const names = registerTrainingKernels();
  expect(names).toContain('Conv2DBackpropFilter');
  expect(names).toContain('BatchMatMul');
  const kernels = tf.getKernelsForBackend('wasm');
  expect(kernels.length).toBe(stock + 4);
  expect(registerTrainingKernels()).toEqual([]);
  expect(new Set(tf.getKernelsForBackend('wasm'))).toEqual(new Set(kernels));

  await tf.setBackend('wasm');
  expect(registerTrainingKernels()).toEqual([]);
  const product = tf.tidy(() => tf.matMul(tf.tensor2d([1, 2], [2, 1]), tf.tensor2d([3, 4], [2, 1]), true));
  expect([...(await product.data())]).toEqual([11]);
  product.dispose();
});

import {type Optimizer, scalar, tidy} from '@tensorflow/tfjs-core';
import {insideAdam} from './tfjs-private.ts';

/**
 * Gives a loaded Adam the powers of its betas as they were when it was saved. TensorFlow.js saves only the iteration
 * count and takes powers of it on loading, which differ in the last bits from the running products of an unbroken
 * training.
 */
export async function resumeOptimizer(optimizer: Optimizer | undefined): Promise<void> {
  if (optimizer?.getClassName() !== 'Adam') return;
  const {accBeta1, accBeta2, beta1, beta2} = insideAdam(optimizer);
  const iterations = optimizer.iterations;
  if (iterations === 0) return;
  if (accBeta1 && beta1 !== undefined) tidy(() => accBeta1.assign(scalar(runningPower(beta1, iterations + 1))));
  if (accBeta2 && beta2 !== undefined) tidy(() => accBeta2.assign(scalar(runningPower(beta2, iterations + 1))));
}

/** `base` to the power of `exponent` by repeated multiplication in float32. */
function runningPower(base: number, exponent: number): number {
  const factor = Math.fround(base);
  let power = factor;
  for (let i = 1; i < exponent && power !== 0; i++) power = Math.fround(power * factor);
  return power;
}

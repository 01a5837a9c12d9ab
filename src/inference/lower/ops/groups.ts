import {TfmotError} from '../../../errors.ts';
import type {Conv2dOp} from '../../../graph/ops/convolution.ts';
import type {WeightMatrix} from '../../kernels/index.ts';

/**
 * The matrix of a convolution, `[kh * kw * in, out]`. Groups become blocks along its diagonal, zeros around them: the
 * sparse kernels skip those.
 *
 * @throws TfmotError `memory-limit` when with its zeros it takes more than `maxBytes`.
 */
export function matrixOf({kernel, groups, layer}: Conv2dOp, maxBytes: number): WeightMatrix {
  const [kh, kw, each, outputs] = kernel.shape as [number, number, number, number];
  const inputs = kh * kw * each * groups;
  if (groups === 1) return {values: kernel.data, inputs, outputs};
  if (inputs * outputs * 4 > maxBytes)
    throw new TfmotError(
      'memory-limit',
      `The model must fit ${maxBytes} bytes (maxMemoryBytes), but the ${groups} groups of '${layer}' side by side alone take ${inputs * outputs * 4}. Raise the limit.`,
    );
  const values = new Float32Array(inputs * outputs);
  const columns = outputs / groups;
  for (let tap = 0, from = 0; tap < kh * kw; tap++) {
    for (let input = 0; input < each; input++) {
      for (let group = 0; group < groups; group++, from += columns) {
        const row = (tap * groups + group) * each + input;
        values.set(kernel.data.subarray(from, from + columns), row * outputs + group * columns);
      }
    }
  }
  return {values, inputs, outputs};
}

import {type Tensor, type TileAttrs, util} from '@tensorflow/tfjs-core';
import {replaced, type TrainingKernel} from './kernel.ts';

interface Inputs {
  readonly x: Tensor;
}

/**
 * `Tile`: a vector in the last dimension repeated over all others, as the gradient of a batch normalisation asks for.
 * The stock kernel computes the source of every single element; every other tiling is left to it.
 */
export const tile: TrainingKernel = replaced<Inputs, TileAttrs>('Tile', (call, stock) => {
  const {x} = call.inputs;
  const {reps} = call.attrs;
  const isVector = x.size > 0 && x.size === x.shape.at(-1) && reps.at(-1) === 1;
  if (!isVector || x.dtype !== 'float32') return stock(call);
  const shape = x.shape.map((size, axis) => size * reps[axis]!);
  const out = call.backend.makeOutput(shape, x.dtype);
  const to = call.backend.typedArrayFromHeap(out);
  to.set(call.backend.typedArrayFromHeap(x).subarray(0, to.length));
  const total = util.sizeFromShape(shape);
  for (let filled = x.size; filled < total; filled *= 2) {
    to.copyWithin(filled, 0, Math.min(filled, total - filled));
  }
  return out;
});

import * as tf from '@tensorflow/tfjs';

/**
 * Which weights of every kernel are zero: none; half of them; nine tenths; four fifths, in blocks of four inputs of an
 * output.
 */
export type Zeros = 'blocks' | 'half' | 'most' | 'none';

const SHARES: Readonly<Record<Zeros, number>> = {blocks: 0.8, half: 0.5, most: 0.9, none: 0};

/** Puts zeros into all weights of two dimensions and more. */
export function putZeros(model: tf.LayersModel, zeros: Zeros, random: () => number): void {
  if (zeros === 'none') return;
  const block = zeros === 'blocks' ? 4 : 1;
  const values = model.weights.map(weight => {
    const {shape} = weight as unknown as {shape: number[]};
    const data = Float32Array.from(weight.read().dataSync());
    const outputs = shape.at(-1)!;
    const inputs = shape.length < 2 ? 0 : data.length / outputs;
    for (let output = 0; output < outputs; output++) {
      let kept = true;
      for (let input = 0; input < inputs; input++) {
        if (input % block === 0) kept = random() >= SHARES[zeros];
        if (!kept) data[input * outputs + output] = 0;
      }
    }
    return tf.tensor(data, shape);
  });
  model.setWeights(values);
  tf.dispose(values);
}

import * as tf from '@tensorflow/tfjs';
import {type Dice, diceOf} from '../../testing/dice.ts';
import type {Random} from '../../testing/seeded.ts';

const L = tf.layers;
type Symbolic = tf.SymbolicTensor;

const ACTIVATIONS = ['linear', 'relu', 'relu6', 'tanh', 'sigmoid', 'elu', 'swish', 'softplus'] as const;

/** A network of random layers and sizes: of images, sequences or vectors, with branches. */
export function randomModel(random: Random): tf.LayersModel {
  const dice = diceOf(random);
  const input = dice.pick([imageInput, sequenceInput, vectorInput])(dice);
  let x = input;
  const depth = dice.whole(2, 6);
  for (let i = 0; i < depth; i++) x = next(x, dice);
  if (x.shape.length > 2 && dice.chance(0.6)) {
    x = L.flatten().apply(x) as Symbolic;
    x = L.dense({units: dice.whole(1, 20), activation: dice.pick(['softmax', ...ACTIVATIONS])}).apply(x) as Symbolic;
  }
  return tf.model({inputs: input, outputs: x});
}

function imageInput(dice: Dice): Symbolic {
  const shape = [dice.whole(5, 14), dice.whole(5, 14), dice.pick([1, 2, 3, 4, 7, 8, 16])];
  return tf.input({shape});
}

function sequenceInput(dice: Dice): Symbolic {
  return tf.input({shape: [dice.whole(3, 20), dice.whole(1, 12)]});
}

function vectorInput(dice: Dice): Symbolic {
  return tf.input({shape: [dice.whole(1, 80)]});
}

function next(x: Symbolic, dice: Dice): Symbolic {
  if (x.shape.length === 4) return nextOfImage(x, dice);
  return x.shape.length === 3 ? nextOfSequence(x, dice) : nextOfVector(x, dice);
}

function nextOfImage(x: Symbolic, dice: Dice): Symbolic {
  const [, height, width] = x.shape as [null, number, number, number];
  const room = Math.min(height, width);
  const kernelSize = dice.whole(1, Math.min(5, room));
  const strides = dice.whole(1, 3);
  const padding = dice.pick(['same', 'valid'] as const);
  const activation = dice.pick(ACTIVATIONS);
  const window = {kernelSize, strides, padding, activation, useBias: dice.chance(0.7)};
  const filters = dice.whole(1, 20);
  const dilation = (kernelSize - 1) * 2 < room ? 2 : 1;
  const layer = dice.pick([
    () => L.conv2d({...window, filters}),
    () => L.conv2d({...window, filters}),
    () => L.conv2d({...window, filters, strides: 1, dilationRate: dilation}),
    () => L.depthwiseConv2d({...window, depthMultiplier: dice.whole(1, 2)}),
    () => L.separableConv2d({...window, filters}),
    () => L.conv2dTranspose({...window, filters: Math.min(filters, 6), strides: dice.whole(1, 2)}),
    () => L.maxPooling2d({poolSize: dice.whole(1, Math.min(3, room)), strides: dice.whole(1, 2), padding}),
    () => L.averagePooling2d({poolSize: dice.whole(1, Math.min(3, room)), strides: dice.whole(1, 2), padding}),
    () => L.batchNormalization(),
    () =>
      L.zeroPadding2d({
        padding: [
          [dice.whole(0, 2), 1],
          [0, dice.whole(0, 2)],
        ],
      }),
    () => L.prelu({sharedAxes: [1, 2]}),
    () => L.dense({units: filters, activation}),
    null,
  ]);
  return layer === null ? branched(x, dice) : (layer().apply(x) as Symbolic);
}

/** Two branches of one size, merged. */
function branched(x: Symbolic, dice: Dice): Symbolic {
  const filters = dice.whole(1, 9);
  const branch = (kernelSize: number): Symbolic =>
    L.conv2d({filters, kernelSize, padding: 'same', activation: dice.pick(ACTIVATIONS)}).apply(x) as Symbolic;
  const merge = dice.pick([() => L.add(), () => L.multiply(), () => L.maximum(), () => L.concatenate()]);
  return merge().apply([branch(1), branch(dice.whole(1, 3))]) as Symbolic;
}

function nextOfSequence(x: Symbolic, dice: Dice): Symbolic {
  const [, steps] = x.shape as [null, number, number];
  const units = dice.whole(1, 18);
  const returnSequences = dice.chance(0.8);
  const recurrent = {units, returnSequences, goBackwards: dice.chance(0.2), useBias: dice.chance(0.8)};
  const padding = dice.pick(['same', 'valid'] as const);
  const kernelSize = dice.whole(1, Math.min(4, steps));
  return dice
    .pick([
      () => L.lstm(recurrent),
      () => L.gru(recurrent),
      () => L.simpleRNN(recurrent),
      () => L.bidirectional({layer: L.gru({units, returnSequences}) as tf.RNN, mergeMode: 'concat'}),
      () =>
        L.conv1d({
          filters: units,
          kernelSize,
          padding,
          strides: dice.whole(1, 2),
          activation: dice.pick(ACTIVATIONS),
        }),
      () => L.maxPooling1d({poolSize: Math.min(2, steps), padding}),
      () => L.layerNormalization(),
      () => L.timeDistributed({layer: L.dense({units, activation: dice.pick(ACTIVATIONS)})}),
    ])()
    .apply(x) as Symbolic;
}

function nextOfVector(x: Symbolic, dice: Dice): Symbolic {
  const units = dice.whole(1, 90);
  return dice
    .pick([
      () => L.dense({units, activation: dice.pick(ACTIVATIONS), useBias: dice.chance(0.8)}),
      () => L.dense({units, activation: dice.pick(ACTIVATIONS)}),
      () => L.batchNormalization(),
      () => L.layerNormalization(),
      () => L.leakyReLU({alpha: 0.2}),
      () => L.dropout({rate: 0.5}),
    ])()
    .apply(x) as Symbolic;
}

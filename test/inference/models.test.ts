import {setFlagsFromString} from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import {beforeAll, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {seeded} from '../../testing/seeded.ts';
import {expectSame, inputsOf, setWeights} from './_compare.ts';

checkLeaks();

setFlagsFromString('--experimental-wasm-relaxed-simd');
beforeAll(async () => {
  await tf.setBackend('cpu');
});

const L = tf.layers;
type Symbolic = tf.SymbolicTensor;
const on = (layer: tf.layers.Layer, ...inputs: Symbolic[]): Symbolic =>
  layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as Symbolic;

/** Two branches of an image, one with gaps behind its rows, one without. */
function branches(): {input: Symbolic; padded: Symbolic; compact: Symbolic} {
  const input = tf.input({shape: [6, 7, 4]});
  const padded = on(L.conv2d({filters: 5, kernelSize: 3, padding: 'same'}), input);
  return {input, padded, compact: on(L.conv2d({filters: 5, kernelSize: 1}), input)};
}

const MODELS: readonly (readonly [name: string, make: () => tf.LayersModel])[] = [
  ...(['add', 'multiply', 'average', 'maximum', 'minimum'] as const).flatMap(
    merge =>
      [
        [
          `${merge} of branches`,
          () => {
            const {input, padded, compact} = branches();
            return tf.model({inputs: input, outputs: on(L.reLU(), on(L[merge](), padded, compact, padded))});
          },
        ],
        [
          `${merge} of stretched inputs`,
          () => {
            const a = tf.input({shape: [4, 1, 3]});
            const b = tf.input({shape: [1, 5, 3]});
            const c = tf.input({shape: [3]});
            return tf.model({inputs: [a, b, c], outputs: on(L[merge](), a, b, c)});
          },
        ],
      ] as const,
  ),
  [
    'residual block',
    () => {
      const {input, padded} = branches();
      const next = on(L.conv2d({filters: 5, kernelSize: 3, padding: 'same', activation: 'relu'}), padded);
      return tf.model({inputs: input, outputs: on(L.add(), padded, next)});
    },
  ],
  [
    'squeeze and excite',
    () => {
      const {input, padded} = branches();
      const pooled = on(L.globalAveragePooling2d({}), padded);
      const gate = on(L.reshape({targetShape: [1, 1, 5]}), on(L.dense({units: 5, activation: 'sigmoid'}), pooled));
      return tf.model({inputs: input, outputs: on(L.multiply(), padded, gate)});
    },
  ],
  ...([1, 2, 3, -1] as const).map(
    axis =>
      [
        `concatenate along ${axis}`,
        () => {
          const {input, padded, compact} = branches();
          return tf.model({inputs: input, outputs: on(L.concatenate({axis}), padded, compact, padded)});
        },
      ] as const,
  ),
  [
    'concatenate of an image and what is not in planes',
    () => {
      const {input, padded} = branches();
      return tf.model({inputs: input, outputs: on(L.concatenate(), input, padded)});
    },
  ],
  ...(
    [
      [[6], [6], 1],
      [[4, 6], [5, 6], 2],
      [
        [4, 6],
        [6, 5],
        [2, 1],
      ],
      [[6, 4], [6, 5], 1],
      [[4, 6], [6], [2, 1]],
    ] as const
  ).flatMap(([a, b, axes]) =>
    [false, true].map(
      normalize =>
        [
          `dot of [${a}] and [${b}]${normalize ? ', normalised' : ''}`,
          () => {
            const inputs = [tf.input({shape: [...a]}), tf.input({shape: [...b]})];
            return tf.model({inputs, outputs: on(L.dot({axes: axes as number, normalize}), ...inputs)});
          },
        ] as const,
    ),
  ),
  [
    'layers shared by two inputs',
    () => {
      const inputs = [tf.input({shape: [7]}), tf.input({shape: [7]})];
      const shared = L.dense({units: 6, activation: 'relu'});
      const norm = L.batchNormalization();
      const [a, b] = inputs.map(input => on(norm, on(shared, input))) as [Symbolic, Symbolic];
      return tf.model({inputs, outputs: on(L.average(), a, b)});
    },
  ],
  [
    'a convolution shared by two image sizes',
    () => {
      const inputs = [tf.input({shape: [6, 6, 2]}), tf.input({shape: [4, 9, 2]})];
      const shared = L.conv2d({filters: 3, kernelSize: 3, padding: 'same'});
      return tf.model({inputs, outputs: inputs.map(input => on(shared, input))});
    },
  ],
  [
    'nested models, called twice',
    () => {
      const inner = tf.sequential({
        layers: [L.dense({units: 5, activation: 'relu', inputShape: [4]}), L.batchNormalization()],
      });
      const input = tf.input({shape: [4]});
      const two = tf.input({shape: [4]});
      const wrapped = tf.model({inputs: two, outputs: on(L.add(), two, on(L.dense({units: 4}), two))});
      const a = inner.apply(input) as Symbolic;
      const b = inner.apply(wrapped.apply(input)) as Symbolic;
      return tf.model({inputs: input, outputs: [on(L.concatenate(), a, b), a]});
    },
  ],
  [
    'sequential of models',
    () =>
      tf.sequential({
        layers: [
          tf.sequential({layers: [L.conv2d({filters: 3, kernelSize: 3, inputShape: [6, 6, 2]}), L.reLU()]}),
          L.flatten(),
          L.dense({units: 3, activation: 'softmax'}),
        ],
      }),
  ],
  [
    'several outputs, one of them an input',
    () => {
      const a = tf.input({shape: [5]});
      const b = tf.input({shape: [3]});
      const hidden = on(L.dense({units: 4, activation: 'tanh'}), a);
      const merged = on(L.concatenate(), hidden, b);
      return tf.model({inputs: [b, a], outputs: [on(L.dense({units: 2}), merged), hidden, b, merged]});
    },
  ],
  [
    'encoder and decoder by states',
    () => {
      const source = tf.input({shape: [5, 4]});
      const target = tf.input({shape: [3, 2]});
      const [, h, c] = L.lstm({units: 6, returnState: true}).apply(source) as Symbolic[];
      const decoder = L.lstm({units: 6, returnSequences: true, returnState: true});
      const [sequence, lastH, lastC] = decoder.apply([target, h!, c!]) as Symbolic[];
      const outputs = [
        on(L.timeDistributed({layer: L.dense({units: 3, activation: 'softmax'})}), sequence!),
        lastH!,
        lastC!,
      ];
      return tf.model({inputs: [source, target], outputs});
    },
  ],
  [
    'both directions apart, with states',
    () => {
      const input = tf.input({shape: [5, 4]});
      const layer = L.gru({units: 3, returnSequences: true, returnState: true}) as tf.RNN;
      const outputs = L.bidirectional({layer, mergeMode: null as never}).apply(input) as Symbolic[];
      return tf.model({inputs: input, outputs});
    },
  ],
  ['a model of dropout alone', () => tf.sequential({layers: [L.dropout({rate: 0.5, inputShape: [3, 2]})]})],
  [
    'time steps of a whole model',
    () => {
      const inner = tf.sequential({
        layers: [
          L.conv2d({filters: 3, kernelSize: 2, inputShape: [4, 4, 1]}),
          L.maxPooling2d({}),
          L.flatten(),
          L.dense({units: 5}),
        ],
      });
      const input = tf.input({shape: [3, 4, 4, 1]});
      return tf.model({inputs: input, outputs: on(L.timeDistributed({layer: inner as never}), input)});
    },
  ],
];

test.each(MODELS.map(([name, make]) => ({name, make})))('$name', async ({name, make}) => {
  const model = make();
  for (const sparsity of [0, 0.7]) {
    const random = seeded(name.length * 17 + sparsity * 10);
    setWeights(model, random, {sparsity});
    const inputs = inputsOf(model, 3, random);
    await expectSame(model, inputs);
    tf.dispose(inputs);
  }
  tf.disposeVariables();
});

test('sizes that a model leaves open are given when it is compiled', async () => {
  const input = tf.input({shape: [null, 4], name: 'steps'});
  const hidden = on(L.lstm({units: 5, returnSequences: true}), on(L.conv1d({filters: 4, kernelSize: 3}), input));
  const model = tf.model({inputs: input, outputs: on(L.globalMaxPooling1d({}), hidden)});
  const random = seeded(11);
  setWeights(model, random, {sparsity: 0.5});
  for (const length of [5, 30]) {
    const x = tf.tensor(Float32Array.from({length: 2 * length * 4}, random), [2, length, 4]);
    await expectSame(model, [x], {inputShapes: {steps: [length, 4]}});
    x.dispose();
  }
  tf.disposeVariables();
});

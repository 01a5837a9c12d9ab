import * as tf from '@tensorflow/tfjs';
import type {Row} from './_tables.ts';

const L = tf.layers;
type Symbolic = tf.SymbolicTensor;
type Part = (x: Symbolic) => Symbolic;

const then =
  (...layers: tf.layers.Layer[]): Part =>
  x =>
    layers.reduce((y, layer) => layer.apply(y) as Symbolic, x);
const around = (): tf.layers.Layer => L.zeroPadding2d({padding: 1});
const pointwise = (filters: number): tf.layers.Layer => L.conv2d({filters, kernelSize: 1, activation: 'relu'});

/** Enough that a kernel of 1 x 1 is stored without its zeros. */
const CHANNELS = 32;

/**
 * What the sparse path of the runtimes may begin with: only the first, and on odd images the second, pad as it wants.
 */
const HEADS: readonly (readonly [name: string, input: readonly [number, number, number], part: Part])[] = [
  [
    'padded by one, even',
    [32, 32, 3],
    x => then(around(), L.conv2d({filters: CHANNELS, kernelSize: 3, strides: 2, activation: 'relu'}))(x),
  ],
  ['same, odd', [33, 33, 3], x => then(stem())(x)],
  ['same, even', [32, 32, 3], x => then(stem())(x)],
  ['one channel', [33, 33, 1], x => then(stem())(x)],
];

/** Ops that may stand in the middle of it, known to the path and others. */
const MIDDLES: readonly (readonly [name: string, part: Part])[] = [
  ['nothing', x => x],
  ['depthwise padded by one', x => then(around(), L.depthwiseConv2d({kernelSize: 3, activation: 'relu'}))(x)],
  [
    'depthwise of stride 2 padded by one',
    x => then(around(), L.depthwiseConv2d({kernelSize: 3, strides: 2, activation: 'relu6' as 'relu'}))(x),
  ],
  ['depthwise same', x => then(L.depthwiseConv2d({kernelSize: 5, padding: 'same'}))(x)],
  ['depthwise of stride 2 same', x => then(L.depthwiseConv2d({kernelSize: 3, strides: 2, padding: 'same'}))(x)],
  ['depthwise valid', x => then(L.depthwiseConv2d({kernelSize: 3}))(x)],
  ['depthwise dilated', x => then(L.depthwiseConv2d({kernelSize: 3, dilationRate: 2, padding: 'same'}))(x)],
  ['depthwise multiplied', x => then(L.depthwiseConv2d({kernelSize: 3, depthMultiplier: 2, padding: 'same'}))(x)],
  ['maximum pooling', x => then(L.maxPooling2d({poolSize: 2}))(x)],
  ['average pooling', x => then(L.averagePooling2d({poolSize: 2}))(x)],
  [
    'convolution 3 x 3',
    x => then(L.conv2d({filters: CHANNELS, kernelSize: 3, padding: 'same', activation: 'relu'}))(x),
  ],
  ['residual', x => L.add().apply([x, then(pointwise(CHANNELS))(x)]) as Symbolic],
  ['product', x => L.multiply().apply([x, then(pointwise(CHANNELS))(x)]) as Symbolic],
  ['concatenation', x => L.concatenate().apply([x, then(pointwise(CHANNELS))(x)]) as Symbolic],
  ['swish', x => then(L.activation({activation: 'swish' as 'relu'}))(x)],
  ['hyperbolic tangent', x => then(L.activation({activation: 'tanh'}))(x)],
  ['leaky', x => then(L.leakyReLU({alpha: 0.1}))(x)],
  ['upsampling', x => then(L.upSampling2d({size: [2, 2], interpolation: 'bilinear'} as never))(x)],
  ['normalisation', x => then(L.layerNormalization())(x)],
  [
    'squeeze and excite',
    x => {
      const scale = then(
        L.globalAveragePooling2d({}),
        L.reshape({targetShape: [1, 1, CHANNELS]}),
        pointwise(CHANNELS),
        L.conv2d({filters: CHANNELS, kernelSize: 1, activation: 'sigmoid'}),
      )(x);
      return L.multiply().apply([x, scale]) as Symbolic;
    },
  ],
];

/** Graphs with sparse weights that runtimes compute wrongly in other forms, and their neighbours. */
export const SPARSE_GRAPHS: readonly Row[] = HEADS.flatMap(([head, shape, first]) =>
  MIDDLES.flatMap(([middle, part]) =>
    (head === 'padded by one, even' ? (['float32', 'float16', 'int8'] as const) : (['float32'] as const)).map(
      weights => ({
        title: `${head}; ${middle}; ${weights}`,
        make: () => graphOf(shape, x => then(pointwise(CHANNELS))(part(then(pointwise(CHANNELS))(first(x))))),
        options: {weights},
        zeros: 'most' as const,
        entries: undefined,
        tolerance: {float32: 1e-4, float16: 1e-2, int8: 8e-2}[weights],
      }),
    ),
  ),
);

function graphOf(shape: readonly number[], body: Part): tf.LayersModel {
  const input = tf.input({shape: [...shape]});
  const pooled = L.globalAveragePooling2d({}).apply(body(input)) as Symbolic;
  return tf.model({inputs: input, outputs: L.dense({units: 5}).apply(pooled) as Symbolic});
}

function stem(): tf.layers.Layer {
  return L.conv2d({filters: CHANNELS, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu'});
}

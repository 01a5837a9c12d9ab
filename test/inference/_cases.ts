import * as tf from '@tensorflow/tfjs';

const L = tf.layers;
type Layer = tf.layers.Layer;

/** A layer, or layers one after the other, on one input shape; `entries` bounds an input of indices. */
export type Case = readonly [name: string, shape: readonly number[], make: () => Layer | Layer[], entries?: number];

const image = [7, 6, 5] as const;
const sequence = [9, 5] as const;
const ACTIVATIONS = [
  ...['elu', 'gelu', 'gelu_new', 'hardSigmoid', 'linear', 'mish', 'relu', 'relu6', 'selu', 'sigmoid'],
  ...['softplus', 'softsign', 'swish', 'tanh', 'softmax', 'logSoftmax'],
] as const;

const both = ['valid', 'same'] as const;
/** Every op of the engine in its configurations. */
export const CASES: readonly Case[] = [
  ...ACTIVATIONS.map(
    activation => [`activation ${activation}`, image, () => L.activation({activation: activation as 'relu'})] as const,
  ),
  ...ACTIVATIONS.map(
    activation =>
      [`dense with ${activation}`, [13], () => L.dense({units: 9, activation: activation as 'relu'})] as const,
  ),
  ['dense without bias', [16], () => L.dense({units: 8, useBias: false})],
  ['dense over pixels', image, () => L.dense({units: 7, activation: 'tanh'})],
  ['dense over a sequence', sequence, () => L.dense({units: 6})],
  ['dense wider than 16-bit offsets', [20000], () => L.dense({units: 3})],
  ['two dense layers', [20], () => [L.dense({units: 18, activation: 'relu'}), L.dense({units: 5})]],
  ['relu with a maximum', image, () => L.reLU({maxValue: 0.7})],
  ['leakyReLU', image, () => L.leakyReLU({alpha: 0.17})],
  ['thresholdedReLU', image, () => L.thresholdedReLU({theta: 0.3})],
  ['thresholdedReLU after dense', [9], () => [L.dense({units: 7}), L.thresholdedReLU({theta: 0.2})]],
  [
    'thresholdedReLU after conv2d',
    image,
    () => [L.conv2d({filters: 6, kernelSize: 3, padding: 'same'}), L.thresholdedReLU({theta: 0.2})],
  ],
  ['elu layer', image, () => L.elu()],
  ['softmax over the last axis', image, () => L.softmax({axis: -1})],
  ['softmax of vectors', [9], () => L.softmax({axis: 1})],
  ['prelu', image, () => L.prelu()],
  ['prelu shared over pixels', image, () => L.prelu({sharedAxes: [1, 2]})],
  ['prelu shared over channels', image, () => L.prelu({sharedAxes: [3]})],
  ['prelu of vectors', [11], () => L.prelu()],
  [
    'leakyReLU after a convolution',
    image,
    () => [L.conv2d({filters: 6, kernelSize: 3, padding: 'same'}), L.leakyReLU()],
  ],

  ...both.flatMap(padding =>
    (
      [
        [1, 1],
        [3, 1],
        [3, 2],
        [2, 2],
        [5, 3],
        [4, 1],
      ] as const
    ).map(
      ([kernelSize, strides]) =>
        [
          `conv2d ${kernelSize} stride ${strides} ${padding}`,
          image,
          () => L.conv2d({filters: 7, kernelSize, strides, padding, activation: 'relu'}),
        ] as const,
    ),
  ),
  ['conv2d oblong', image, () => L.conv2d({filters: 4, kernelSize: [1, 5], strides: [2, 1], padding: 'same'})],
  ['conv2d dilated', [11, 9, 3], () => L.conv2d({filters: 5, kernelSize: 3, dilationRate: [2, 3]})],
  ['conv2d dilated same', [11, 9, 3], () => L.conv2d({filters: 5, kernelSize: 3, dilationRate: 2, padding: 'same'})],
  ['conv2d of one channel', [9, 9, 1], () => L.conv2d({filters: 4, kernelSize: 3, activation: 'sigmoid'})],
  [
    'conv2d after conv2d',
    image,
    () => [
      L.conv2d({filters: 6, kernelSize: 3, padding: 'same'}),
      L.conv2d({filters: 5, kernelSize: 3, padding: 'same', activation: 'tanh'}),
      L.conv2d({filters: 4, kernelSize: 1}),
    ],
  ],
  [
    'conv2d channels first',
    [4, 7, 6],
    () => [
      L.conv2d({filters: 6, kernelSize: 3, padding: 'same', dataFormat: 'channelsFirst', activation: 'relu'}),
      L.conv2d({filters: 5, kernelSize: 3, strides: 2, dataFormat: 'channelsFirst'}),
    ],
  ],
  ...both.map(
    padding =>
      [`conv1d ${padding}`, sequence, () => L.conv1d({filters: 6, kernelSize: 3, strides: 2, padding})] as const,
  ),
  [
    'conv1d twice, dilated',
    [14, 3],
    () => [
      L.conv1d({filters: 6, kernelSize: 3, dilationRate: 2, activation: 'relu'}),
      L.conv1d({filters: 4, kernelSize: 2}),
    ],
  ],
  ...both.flatMap(padding =>
    (
      [
        [3, 1, 1],
        [3, 2, 1],
        [5, 1, 2],
        [2, 2, 3],
      ] as const
    ).map(
      ([kernelSize, strides, depthMultiplier]) =>
        [
          `depthwise ${kernelSize} stride ${strides} times ${depthMultiplier} ${padding}`,
          image,
          () => L.depthwiseConv2d({kernelSize, strides, depthMultiplier, padding, activation: 'relu6'}),
        ] as const,
    ),
  ),
  ['depthwise channels first', [4, 7, 6], () => L.depthwiseConv2d({kernelSize: 3, dataFormat: 'channelsFirst'})],
  [
    'separable',
    image,
    () => L.separableConv2d({filters: 6, kernelSize: 3, depthMultiplier: 2, padding: 'same', activation: 'relu'}),
  ],
  ...both.flatMap(padding =>
    (
      [
        [3, 2],
        [2, 2],
        [1, 3],
        [4, 3],
        [3, 1],
        [2, 3],
      ] as const
    ).map(
      ([kernelSize, strides]) =>
        [
          `conv2dTranspose ${kernelSize} stride ${strides} ${padding}`,
          [4, 5, 3],
          () => L.conv2dTranspose({filters: 4, kernelSize, strides, padding, activation: 'relu'}),
        ] as const,
    ),
  ),
  ...(['softmax', 'logSoftmax', 'tanh'] as const).flatMap(activation => {
    const first = {kernelSize: 2, dataFormat: 'channelsFirst', activation: activation as 'relu'} as const;
    return [
      [`conv2d channels first ${activation}`, [4, 7, 6], () => L.conv2d({filters: 3, ...first})] as const,
      [`depthwise channels first ${activation}`, [4, 7, 6], () => L.depthwiseConv2d(first)] as const,
      [
        `conv2dTranspose channels first ${activation}`,
        [4, 7, 6],
        () => L.conv2dTranspose({filters: 3, ...first}),
      ] as const,
      [
        `conv1d ${activation}`,
        sequence,
        () => L.conv1d({filters: 3, kernelSize: 2, activation: activation as 'relu'}),
      ] as const,
    ];
  }),
  [
    'conv2dTranspose channels first',
    [3, 4, 5],
    () => L.conv2dTranspose({filters: 4, kernelSize: 3, strides: 2, dataFormat: 'channelsFirst'}),
  ],

  ...both.flatMap(padding =>
    (
      [
        [2, 2],
        [3, 2],
        [3, 1],
        [2, 3],
      ] as const
    ).flatMap(([poolSize, strides]) => [
      [
        `maxPooling2d ${poolSize}/${strides} ${padding}`,
        image,
        () => L.maxPooling2d({poolSize, strides, padding}),
      ] as const,
      [
        `averagePooling2d ${poolSize}/${strides} ${padding}`,
        image,
        () => L.averagePooling2d({poolSize, strides, padding}),
      ] as const,
    ]),
  ),
  ['maxPooling2d channels first', [3, 6, 6], () => L.maxPooling2d({poolSize: 2, dataFormat: 'channelsFirst'})],
  [
    'pooling after a padded convolution',
    image,
    () => [
      L.conv2d({filters: 6, kernelSize: 3, padding: 'same'}),
      L.averagePooling2d({poolSize: 3, strides: 1, padding: 'same'}),
    ],
  ],
  ['maxPooling1d', sequence, () => L.maxPooling1d({poolSize: 2})],
  ['averagePooling1d', sequence, () => L.averagePooling1d({poolSize: 3, strides: 2, padding: 'same'})],
  ['globalAveragePooling1d', sequence, () => L.globalAveragePooling1d({})],
  ['globalMaxPooling1d', sequence, () => L.globalMaxPooling1d({})],
  ['globalAveragePooling2d', image, () => L.globalAveragePooling2d({})],
  ['globalMaxPooling2d', image, () => L.globalMaxPooling2d({})],
  [
    'global pooling of a padded convolution',
    image,
    () => [L.conv2d({filters: 6, kernelSize: 3, padding: 'same'}), L.globalAveragePooling2d({})],
  ],
  ['globalMaxPooling2d channels first', image, () => L.globalMaxPooling2d({dataFormat: 'channelsFirst'})],

  ['batchNormalization of images', image, () => L.batchNormalization()],
  ['batchNormalization of vectors', [9], () => L.batchNormalization({scale: false})],
  [
    'batchNormalization after conv2d',
    image,
    () => [
      L.conv2d({filters: 6, kernelSize: 3, useBias: false}),
      L.batchNormalization(),
      L.activation({activation: 'relu'}),
    ],
  ],
  [
    'batchNormalization after depthwise',
    image,
    () => [L.depthwiseConv2d({kernelSize: 3, depthMultiplier: 2}), L.batchNormalization(), L.reLU({maxValue: 6})],
  ],
  [
    'batchNormalization after conv2dTranspose',
    image,
    () => [L.conv2dTranspose({filters: 3, kernelSize: 3, strides: 2}), L.batchNormalization()],
  ],
  ['batchNormalization before conv2d', image, () => [L.batchNormalization(), L.conv2d({filters: 6, kernelSize: 3})]],
  [
    'batchNormalization before depthwise',
    image,
    () => [L.batchNormalization(), L.depthwiseConv2d({kernelSize: 3, depthMultiplier: 2})],
  ],
  [
    'batchNormalization before padding',
    image,
    () => [L.batchNormalization(), L.conv2d({filters: 6, kernelSize: 3, padding: 'same'})],
  ],
  [
    'batchNormalization around dense',
    [12],
    () => [L.batchNormalization(), L.dense({units: 8, activation: 'relu'}), L.batchNormalization()],
  ],
  ['layerNormalization', sequence, () => L.layerNormalization()],
  ['layerNormalization over two axes', image, () => L.layerNormalization({axis: [2, 3]})],
  ['rescaling', image, () => (L as unknown as {rescaling(args: object): Layer}).rescaling({scale: 0.5, offset: -1})],

  ['flatten', image, () => L.flatten()],
  ['flatten channels first', image, () => L.flatten({dataFormat: 'channelsFirst'})],
  [
    'flatten after conv2d',
    image,
    () => [L.conv2d({filters: 6, kernelSize: 3, padding: 'same'}), L.flatten(), L.dense({units: 4})],
  ],
  ['reshape', image, () => L.reshape({targetShape: [5, -1]})],
  ['permute', image, () => L.permute({dims: [3, 1, 2]})],
  ['permute of rank 4', [3, 2, 4, 5], () => L.permute({dims: [4, 2, 1, 3]})],
  [
    'permute after conv2d',
    image,
    () => [L.conv2d({filters: 6, kernelSize: 3, padding: 'same'}), L.permute({dims: [2, 3, 1]})],
  ],
  ['repeatVector', [6], () => L.repeatVector({n: 4})],
  [
    'zeroPadding2d',
    image,
    () =>
      L.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 3],
        ],
      }),
  ],
  [
    'zeroPadding2d before conv2d',
    image,
    () => [
      L.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 3],
        ],
      }),
      L.conv2d({filters: 4, kernelSize: 3, strides: 2}),
    ],
  ],
  [
    'zeroPadding2d after conv2d',
    image,
    () => [L.conv2d({filters: 4, kernelSize: 3, padding: 'same'}), L.zeroPadding2d(), L.maxPooling2d({})],
  ],
  ['zeroPadding2d channels first', [3, 4, 5], () => L.zeroPadding2d({padding: 1, dataFormat: 'channelsFirst'})],
  [
    'cropping2D',
    image,
    () =>
      L.cropping2D({
        cropping: [
          [1, 2],
          [2, 1],
        ],
      }),
  ],
  [
    'cropping2D after conv2d',
    image,
    () => [L.conv2d({filters: 4, kernelSize: 3, padding: 'same'}), L.cropping2D({cropping: 1})] as Layer[],
  ],
  ['upSampling2d nearest', image, () => L.upSampling2d({size: [2, 3]})],
  ['upSampling2d bilinear', image, () => L.upSampling2d({size: [3, 2], interpolation: 'bilinear'} as never)],
  [
    'upSampling2d after conv2d',
    image,
    () => [L.conv2d({filters: 4, kernelSize: 3, padding: 'same'}), L.upSampling2d({size: [2, 2]})],
  ],
  ['upSampling2d channels first', [3, 4, 5], () => L.upSampling2d({size: [2, 2], dataFormat: 'channelsFirst'})],

  [
    'dropout family',
    image,
    () => [
      L.dropout({rate: 0.5}),
      L.gaussianNoise({stddev: 1}),
      L.gaussianDropout({rate: 0.5}),
      L.alphaDropout({rate: 0.5}),
    ],
  ],
  ['spatialDropout1d', sequence, () => L.spatialDropout1d({rate: 0.4})],
  ['embedding', [6], () => L.embedding({inputDim: 11, outputDim: 5}), 11],
  [
    'a mask that nobody heeds',
    [6],
    () => [
      L.embedding({inputDim: 11, outputDim: 5, maskZero: true}),
      L.dense({units: 4, activation: 'relu'}),
      L.dropout({rate: 0.5}),
      L.globalAveragePooling1d({}),
    ],
    11,
  ],
  ['a mask before flatten', [6], () => [L.embedding({inputDim: 11, outputDim: 5, maskZero: true}), L.flatten()], 11],
  ['embedding of a table of indices', [3, 2], () => L.embedding({inputDim: 7, outputDim: 4}), 7],

  ...[false, true].flatMap(returnSequences =>
    [false, true].flatMap(goBackwards =>
      ([4, 12] as const).flatMap(steps => [
        [
          `simpleRNN ${returnSequences} ${goBackwards} ${steps}`,
          [steps, 5],
          () => L.simpleRNN({units: 6, returnSequences, goBackwards}),
        ] as const,
        [
          `gru ${returnSequences} ${goBackwards} ${steps}`,
          [steps, 5],
          () => L.gru({units: 6, returnSequences, goBackwards}),
        ] as const,
        [
          `lstm ${returnSequences} ${goBackwards} ${steps}`,
          [steps, 5],
          () => L.lstm({units: 6, returnSequences, goBackwards}),
        ] as const,
      ]),
    ),
  ),
  ...(['simpleRNN', 'gru', 'lstm'] as const).flatMap(cell => [
    [
      `${cell} with relu and sigmoid`,
      sequence,
      () => L[cell]({units: 8, activation: 'relu', recurrentActivation: 'sigmoid'} as never),
    ] as const,
    [
      `${cell} with elu and relu6`,
      sequence,
      () => L[cell]({units: 7, activation: 'elu', recurrentActivation: 'relu6'} as never),
    ] as const,
    [`${cell} without bias`, sequence, () => L[cell]({units: 4, useBias: false} as never)] as const,
  ]),
  ...(['concat', 'sum', 'ave', 'mul'] as const).flatMap(mergeMode =>
    [false, true].map(
      returnSequences =>
        [
          `bidirectional ${mergeMode} ${returnSequences}`,
          sequence,
          () => L.bidirectional({layer: L.lstm({units: 5, returnSequences}) as tf.RNN, mergeMode}),
        ] as const,
    ),
  ),
  ['timeDistributed dense', sequence, () => L.timeDistributed({layer: L.dense({units: 6, activation: 'relu'})})],
  [
    'timeDistributed conv2d',
    [3, 6, 5, 2],
    () => L.timeDistributed({layer: L.conv2d({filters: 4, kernelSize: 3, padding: 'same'})}),
  ],
  [
    'timeDistributed conv2d, flatten, lstm',
    [3, 6, 5, 2],
    () => [
      L.timeDistributed({layer: L.conv2d({filters: 4, kernelSize: 3, activation: 'relu'})}),
      L.timeDistributed({layer: L.flatten()}),
      L.lstm({units: 5}),
    ],
  ],
];

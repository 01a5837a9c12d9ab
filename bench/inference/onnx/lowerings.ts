import type {Builder, Lowering, Value} from './builder.ts';
import {transpose} from './layout.ts';

/**
 * How each Keras layer is written, by class name. Images are channels first in ONNX, weights are reordered to match.
 */
export const LOWERINGS: Readonly<Record<string, Lowering>> = {
  Activation: builder => ({...only(builder), name: activation(builder, only(builder).name)}),
  AveragePooling2D: builder => pool(builder, 'AveragePool', {count_include_pad: 0}),
  BatchNormalization: batchNormalization,
  Concatenate: concatenate,
  Conv2D: builder => convolve(builder, 'kernel', [3, 2, 0, 1], 1),
  Dense: dense,
  DepthwiseConv2D: builder => convolve(builder, 'depthwise_kernel', [2, 3, 0, 1], only(builder).shape[3]!),
  Dropout: only,
  Flatten: flatten,
  GlobalAveragePooling2D: builder => ({
    name: builder.node('Flatten', [builder.node('GlobalAveragePool', [only(builder).name])]),
    shape: builder.outputShape,
  }),
  LSTM: lstm,
  MaxPooling2D: builder => pool(builder, 'MaxPool'),
  ZeroPadding2D: builder => {
    const [[top, bottom], [left, right]] = builder.config['padding'] as [[number, number], [number, number]];
    return {...only(builder), shape: builder.outputShape, pads: [top, left, bottom, right]};
  },
};

function only({inputs}: Builder): Value {
  return inputs[0]!;
}

function activation(builder: Builder, input: string): string {
  const name = builder.config['activation'] as string;
  switch (name) {
    case 'linear':
      return input;
    case 'relu':
      return builder.node('Relu', [input]);
    case 'relu6':
      return builder.node('Clip', [
        input,
        builder.constant([], Float32Array.of(0)),
        builder.constant([], Float32Array.of(6)),
      ]);
    case 'softmax':
      return builder.node('Softmax', [input], {axis: builder.outputShape.length - 1});
    default:
      throw new Error(`The ONNX writer knows no activation '${name}'.`);
  }
}

function flatten(builder: Builder): Value {
  const {name, shape} = only(builder);
  const flat = {name: builder.node('Flatten', [name]), shape: builder.outputShape};
  return shape.length === 4 ? {...flat, flattened: shape.slice(1)} : flat;
}

function dense(builder: Builder): Value {
  const {values, shape} = builder.weight('kernel')!;
  const [inputs, units] = shape as [number, number];
  const {name, flattened} = only(builder);
  const kernel = flattened === undefined ? values : transpose(values, [...flattened, units], [2, 0, 1, 3]);
  const bias = builder.weight('bias')?.values ?? new Float32Array(units);
  const product = builder.node('Gemm', [
    name,
    builder.constant([inputs, units], kernel),
    builder.constant([units], bias),
  ]);
  return {name: activation(builder, product), shape: builder.outputShape};
}

function convolve(builder: Builder, weightName: string, axes: readonly number[], group: number): Value {
  const {values, shape} = builder.weight(weightName)!;
  const kernel = transpose(values, shape, axes);
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  const filters = group === 1 ? outputs : inputs * outputs;
  const operands = [only(builder).name, builder.constant([filters, group === 1 ? inputs : 1, height, width], kernel)];
  const bias = builder.weight('bias');
  if (bias !== undefined) operands.push(builder.constant([filters], bias.values));
  const dilations = builder.config['dilationRate'] as [number, number];
  const window = slidingWindow(builder, [height, width], dilations);
  const sums = builder.node('Conv', operands, {...window, dilations, group});
  return {name: activation(builder, sums), shape: builder.outputShape};
}

function pool(builder: Builder, type: string, attributes: Readonly<Record<string, number>> = {}): Value {
  const window = slidingWindow(builder, builder.config['poolSize'] as [number, number], [1, 1]);
  return {name: builder.node(type, [only(builder).name], {...window, ...attributes}), shape: builder.outputShape};
}

/** Attributes of everything that slides over an image: `same` padding puts an odd zero at the end. */
function slidingWindow({config, inputs}: Builder, kernel: readonly number[], dilations: readonly number[]) {
  const {shape, pads = [0, 0, 0, 0]} = inputs[0]!;
  const strides = config['strides'] as [number, number];
  const totals = [0, 1].map(axis => {
    if (config['padding'] !== 'same') return 0;
    const size = shape[axis + 1]!;
    const covered =
      (Math.ceil(size / strides[axis]!) - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1;
    return Math.max(0, covered - size);
  });
  const begins = totals.map(total => Math.floor(total / 2));
  const same = [...begins, ...totals.map((total, axis) => total - begins[axis]!)];
  return {kernel_shape: kernel, strides, pads: same.map((zeros, side) => zeros + pads[side]!)};
}

function batchNormalization(builder: Builder): Value {
  const mean = builder.weight('moving_mean')!.values;
  const parameters = [
    builder.weight('gamma')?.values ?? new Float32Array(mean.length).fill(1),
    builder.weight('beta')?.values ?? new Float32Array(mean.length),
    mean,
    builder.weight('moving_variance')!.values,
  ].map(values => builder.constant([values.length], values));
  const epsilon = {float: builder.config['epsilon'] as number};
  return {...only(builder), name: builder.node('BatchNormalization', [only(builder).name, ...parameters], {epsilon})};
}

function concatenate(builder: Builder): Value {
  const rank = builder.outputShape.length;
  const axis = ((builder.config['axis'] as number) + rank) % rank;
  const channels = axis === rank - 1;
  if (rank === 4 && !channels) throw new Error('The ONNX writer concatenates images along their channels alone.');
  const names = builder.inputs.map(({name}) => name);
  return {name: builder.node('Concat', names, {axis: channels ? 1 : axis}), shape: builder.outputShape};
}

/** Keras keeps the gates as input, forget, cell, output; ONNX as input, output, forget, cell. */
function lstm(builder: Builder): Value {
  const {
    units,
    returnSequences,
    activation: squash,
    recurrentActivation,
  } = builder.config as {
    units: number;
    returnSequences: boolean;
    activation: string;
    recurrentActivation: string;
  };
  if (returnSequences || squash !== 'tanh' || recurrentActivation !== 'sigmoid')
    throw new Error('The ONNX writer knows the LSTM with tanh and sigmoid that returns its last output.');
  const gates = (name: string): Float32Array => {
    const {values, shape} = builder.weight(name)!;
    const features = values.length / shape.at(-1)!;
    const rows = transpose(values, [features, 4, units], [1, 2, 0]);
    const ordered = new Float32Array(rows.length);
    const block = units * features;
    for (const [to, from] of [0, 3, 1, 2].entries())
      ordered.set(rows.subarray(from * block, (from + 1) * block), to * block);
    return ordered;
  };
  const features = only(builder).shape[2]!;
  const bias = new Float32Array(8 * units);
  bias.set(gates('bias'));
  const output = builder.node(
    'LSTM',
    [
      builder.node('Transpose', [only(builder).name], {perm: [1, 0, 2]}),
      builder.constant([1, 4 * units, features], gates('kernel')),
      builder.constant([1, 4 * units, units], gates('recurrent_kernel')),
      builder.constant([1, 8 * units], bias),
    ],
    {hidden_size: units},
    2,
  );
  return {name: output, shape: builder.outputShape};
}

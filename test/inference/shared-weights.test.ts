import {expect, test} from 'vitest';
import {createBuilder} from '../../src/graph/builder.ts';
import {LINEAR} from '../../src/graph/ops/activation.ts';
import type {Op} from '../../src/graph/ops/index.ts';
import type {Attributes} from '../../src/graph/ops/op.ts';
import {NO_PADDING, type Weight} from '../../src/graph/tensor.ts';
import {compile, type ModelSource} from '../../src/inference/index.ts';

/** Recurrent layers that are unrolled share kernels, and not all of their steps have the bias. */
const weight = (shape: readonly number[], values: (i: number) => number): Weight => ({
  name: 'w',
  shape,
  data: Float32Array.from({length: shape.reduce((product, size) => product * size, 1)}, (_, i) => values(i)),
});
const KERNEL = weight([4, 4], i => Math.sin(i));
const BIAS = weight([4], i => 10 + i);
const IMAGE = {...KERNEL, shape: [1, 1, 4, 4]};
const CHANNELS = weight([1, 1, 4, 1], i => 1 + i);
const window = {strides: [1, 1], dilations: [1, 1], padding: NO_PADDING} as const;

const OPS: Readonly<Record<string, {shape: readonly number[]; op: (bias: Weight | null) => Attributes<Op>}>> = {
  dense: {shape: [4], op: bias => ({type: 'dense', kernel: KERNEL, bias, activation: LINEAR})},
  conv2d: {
    shape: [2, 2, 4],
    op: bias => ({type: 'conv2d', groups: 1, kernel: IMAGE, bias, ...window, activation: LINEAR}),
  },
  'depthwise-conv2d': {
    shape: [2, 2, 4],
    op: bias => ({type: 'depthwise-conv2d', kernel: CHANNELS, bias, ...window, activation: LINEAR}),
  },
};

test.each(Object.keys(OPS))('two ops of one kernel keep their own biases: %s', async name => {
  const {shape, op} = OPS[name]!;
  const builder = createBuilder();
  const x = builder.input('x', shape);
  const outputs = [BIAS, null].map((bias, i) => ({name: `y${i}`, tensor: builder.emit(`y${i}`, op(bias), [x])[0]!}));
  const graph = builder.finish([{name: 'x', tensor: x}], outputs);
  const model = {format: 'tflite', weights: [], graph: async () => graph} as unknown as ModelSource;
  const engine = await compile(model);
  const given = Float32Array.from({length: shape.reduce((product, size) => product * size, 1)}, (_, i) => i / 7);
  const {y0, y1} = (await engine.predict({x: given})) as unknown as Record<string, Float32Array>;
  engine.dispose();
  y0!.forEach((value, i) => {
    expect(value - y1![i]!).toBeCloseTo(BIAS.data[i % 4]!, 4);
  });
});

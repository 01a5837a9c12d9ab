import {expect, test} from 'vitest';
import {axesOf, inputChannelAxis, PRUNED_ROLES, ROUNDED_ROLES, WEIGHTS_OF_CLASS} from './roles.ts';

const rolesOf = (className: string): string =>
  WEIGHTS_OF_CLASS[className]!.map(({name, role}) => `${name}: ${role}`).join(', ');

test.each([
  ['Dense', 'kernel: kernel, bias: bias'],
  ['Conv2DTranspose', 'kernel: kernel, bias: bias'],
  ['DepthwiseConv2D', 'depthwise_kernel: depthwise, bias: bias'],
  ['SeparableConv2D', 'depthwise_kernel: depthwise, pointwise_kernel: pointwise, bias: bias'],
  ['LSTM', 'kernel: kernel, recurrent_kernel: recurrent, bias: bias'],
  ['Embedding', 'embeddings: embedding'],
  [
    'BatchNormalization',
    'gamma: normalisation, beta: normalisation, moving_mean: statistic, moving_variance: statistic',
  ],
  ['Normalization', 'mean: statistic, variance: statistic, count: statistic'],
  ['PReLU', 'alpha: slope'],
])('the weights of %s, in the order of their positions', (className, roles) => {
  expect(rolesOf(className)).toBe(roles);
});

test.each([
  ['Dense', 'kernel', 2, [0], [1]],
  ['Conv1D', 'kernel', 3, [0, 1], [2]],
  ['Conv2D', 'kernel', 4, [0, 1, 2], [3]],
  ['Conv2DTranspose', 'kernel', 4, [0, 1, 3], [2]],
  ['Conv3DTranspose', 'kernel', 5, [0, 1, 2, 4], [3]],
  ['DepthwiseConv2D', 'depthwise_kernel', 4, [0, 1], [2, 3]],
  ['SeparableConv2D', 'pointwise_kernel', 4, [0, 1, 2], [3]],
  ['GRU', 'recurrent_kernel', 2, [0], [1]],
  ['Embedding', 'embeddings', 2, [0], [1]],
  ['Dense', 'bias', 1, [], [0]],
  ['MultiHeadAttention', 'query/kernel', 3, [0], [1, 2]],
  ['MultiHeadAttention', 'attention_output/kernel', 3, [0, 1], [2]],
] as const)('axes of %s %s', (className, name, rank, inputAxes, outputAxes) => {
  const weight = WEIGHTS_OF_CLASS[className]!.find(entry => entry.name === name)!;
  expect(axesOf(weight, rank)).toEqual({inputAxes, outputAxes});
});

test('every axis of a weight runs over inputs or over outputs, none over both', () => {
  for (const weights of Object.values(WEIGHTS_OF_CLASS)) {
    for (const weight of weights) {
      for (const rank of [2, 3, 4, 5]) {
        const {inputAxes, outputAxes} = axesOf(weight, rank);
        expect([...inputAxes, ...outputAxes].sort()).toEqual(Array.from({length: rank}, (_, axis) => axis));
      }
    }
  }
});

test('the input channels of kernels, known and unknown', () => {
  expect(inputChannelAxis('Conv2D', 'kernel', 4)).toBe(2);
  expect(inputChannelAxis('Conv2DTranspose', 'kernel', 4)).toBe(3);
  expect(inputChannelAxis('MyLayer', 'anything', 3)).toBe(1);
});

test('what is pruned is rounded, too, and nothing that is no kernel is either', () => {
  expect(ROUNDED_ROLES).toEqual(expect.arrayContaining([...PRUNED_ROLES]));
  for (const role of ['bias', 'normalisation', 'statistic', 'slope'] as const)
    expect(ROUNDED_ROLES).not.toContain(role);
});

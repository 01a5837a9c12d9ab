import {expect, test} from 'vitest';
import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import type {Graph} from '../../graph/graph.ts';
import {graphOf} from './graph.ts';
import {importModel} from './import.ts';

type Numbers = readonly [shape: readonly number[], values: readonly number[]];

function sequential(
  layers: readonly (readonly [string, object])[],
  weights: Record<string, Numbers> = {},
): ModelArtifacts {
  return {
    modelTopology: {
      class_name: 'Sequential',
      config: {
        name: 'model',
        layers: layers.map(([class_name, config], i) => ({class_name, config: {name: `${class_name}${i}`, ...config}})),
      },
    },
    weightSpecs: Object.entries(weights).map(([name, [shape]]) => ({name, shape, dtype: 'float32'})),
    weightData: Float32Array.from(Object.values(weights).flatMap(([, values]) => [...values])).buffer,
  };
}

const types = (graph: Graph): string[] => graph.ops.map(op => op.type);
const image = {batch_input_shape: [null, 4, 4, 1]};
const CONV = {filters: 2, kernel_size: [1, 1], use_bias: false};
const NORM = {
  gamma: [[2], [2, 3]],
  beta: [[2], [1, -1]],
  moving_mean: [[2], [0.5, 1]],
  moving_variance: [[2], [3.999, 0.249]],
} as const;
const normOf = (name: string): Record<string, Numbers> =>
  Object.fromEntries(Object.entries(NORM).map(([key, value]) => [`${name}/${key}`, value]));

test('batch normalisation and an activation become part of the convolution before them', () => {
  const graph = graphOf(
    sequential(
      [
        ['Conv2D', {...CONV, ...image}],
        ['BatchNormalization', {}],
        ['Dropout', {rate: 0.5}],
        ['ReLU', {max_value: 6}],
      ],
      {
        'Conv2D0/kernel': [
          [1, 1, 1, 2],
          [4, 0],
        ],
        ...normOf('BatchNormalization1'),
      },
    ),
  );
  expect(types(graph)).toEqual(['conv2d']);
  const [op] = graph.ops;
  if (op?.type !== 'conv2d') throw new Error('no convolution');
  expect([...op.kernel.data].map(x => +x.toFixed(5))).toEqual([4, 0]);
  expect([...op.bias!.data].map(x => +x.toFixed(5))).toEqual([0.5, -7]);
  expect(op.activation).toEqual({type: 'relu', maxValue: 6, slope: 0, threshold: 0});
});

test('an activation between keeps batch normalisation apart, until a convolution without padding follows', () => {
  const layers = (padding: string) =>
    [
      ['Conv2D', {...CONV, ...image, activation: 'relu'}],
      ['BatchNormalization', {}],
      ['Conv2D', {...CONV, kernel_size: [3, 3], padding}],
    ] as const;
  const weights = {
    'Conv2D0/kernel': [
      [1, 1, 1, 2],
      [4, 5],
    ],
    ...normOf('BatchNormalization1'),
    'Conv2D2/kernel': [[3, 3, 2, 2], Array.from({length: 36}, (_, i) => i)],
  } as Record<string, Numbers>;
  expect(types(graphOf(sequential(layers('valid'), weights)))).toEqual(['conv2d', 'conv2d']);
  expect(types(graphOf(sequential(layers('same'), weights)))).toEqual(['conv2d', 'affine', 'conv2d']);
});

test("zero padding becomes the convolution's, cropping does not", () => {
  const weights = {
    'Conv2D1/kernel': [
      [1, 1, 1, 2],
      [1, 2],
    ],
  } as Record<string, Numbers>;
  const padded = graphOf(
    sequential(
      [
        [
          'ZeroPadding2D',
          {
            padding: [
              [1, 2],
              [3, 0],
            ],
            ...image,
          },
        ],
        ['Conv2D', CONV],
      ],
      weights,
    ),
  );
  expect(padded.ops).toMatchObject([{type: 'conv2d', padding: {top: 1, bottom: 2, left: 3, right: 0}}]);
  const cropped = graphOf(
    sequential(
      [
        ['Cropping2D', {cropping: 1, ...image}],
        ['Conv2D', CONV],
      ],
      weights,
    ),
  );
  expect(types(cropped)).toEqual(['pad', 'conv2d']);
});

test('scales in a row become one, and one that changes nothing goes', () => {
  const scale = (scale: number, offset: number, more: object = {}) => ['Rescaling', {scale, offset, ...more}] as const;
  const graph = graphOf(sequential([scale(2, 1, image), scale(3, -1), scale(1, 0)]));
  expect(types(graph)).toEqual(['affine']);
  const [op] = graph.ops;
  if (op?.type !== 'affine') throw new Error('no affine op');
  expect([op.scale.data[0], op.shift.data[0]]).toEqual([6, 2]);
  expect(types(graphOf(sequential([scale(1, 0, image)])))).toEqual([]);
});

test('transposes of channels first cancel between layers, reshapes in a row become one', () => {
  const first = {...CONV, filters: 1, data_format: 'channels_first'};
  const convolutions = graphOf(
    sequential(
      [
        ['Conv2D', {...first, batch_input_shape: [null, 1, 4, 5]}],
        ['Conv2D', first],
      ],
      {
        'Conv2D0/kernel': [[1, 1, 1, 1], [2]],
        'Conv2D1/kernel': [[1, 1, 1, 1], [3]],
      },
    ),
  );
  expect(types(convolutions)).toEqual(['transpose', 'conv2d', 'conv2d', 'transpose']);
  const shapes = [[8, 2], [2, 8], [16]].map(target_shape => ['Reshape', {target_shape}] as const);
  const renamed = graphOf(sequential([['Reshape', {target_shape: [4, 4], ...image}], ...shapes]));
  expect(types(renamed)).toEqual(['reshape']);
  expect(renamed.tensors.at(-1)!.shape).toEqual([16]);
});

test('a shared kernel is not folded into, and passes leave the imported graph as it was', () => {
  const shared = {class_name: 'Dense', name: 'shared', config: {name: 'shared', units: 2, use_bias: false}};
  const norm = (name: string, call: number) => ({
    ...{class_name: 'BatchNormalization', name, config: {name}},
    inbound_nodes: [[['shared', call, 0, {}]]],
  });
  const artifacts: ModelArtifacts = {
    ...sequential([], {
      'shared/kernel': [
        [2, 2],
        [1, 0, 0, 1],
      ],
      ...normOf('a'),
      ...normOf('b'),
    }),
    modelTopology: {
      class_name: 'Model',
      config: {
        name: 'model',
        layers: [
          {class_name: 'InputLayer', name: 'in', config: {name: 'in', batch_input_shape: [null, 2]}, inbound_nodes: []},
          {...shared, inbound_nodes: [[['in', 0, 0, {}]], [['in', 0, 0, {}]]]},
          norm('a', 0),
          norm('b', 1),
        ],
        input_layers: [['in', 0, 0]],
        output_layers: [
          ['a', 0, 0],
          ['b', 0, 0],
        ],
      },
    },
  };
  const imported = importModel(artifacts);
  const before = JSON.stringify(imported);
  const graph = graphOf(artifacts);
  expect(types(graph).sort()).toEqual(['affine', 'affine', 'dense', 'dense']);
  expect(graph.outputs.map(port => port.name)).toEqual(['a', 'b']);
  const kernels = graph.ops.flatMap(op => (op.type === 'dense' ? [op.kernel] : []));
  expect(kernels[0]).toBe(kernels[1]);
  expect(JSON.stringify(imported)).toBe(before);
});

test('time steps are instances of their own inside TimeDistributed', () => {
  const inner = {class_name: 'Dense', config: {name: 'inner', units: 3, use_bias: false}};
  const graph = graphOf(
    sequential([['TimeDistributed', {layer: inner, batch_input_shape: [null, 5, 2]}]], {
      'TimeDistributed0/kernel': [
        [2, 3],
        [1, 2, 3, 4, 5, 6],
      ],
    }),
  );
  expect(graph.ops.map(op => op.outputs.map(id => [graph.tensors[id]!.shape, graph.tensors[id]!.instances]))).toEqual([
    [[[2], 5]],
    [[[3], 5]],
    [[[5, 3], 1]],
  ]);
});

test('an input that embeddings alone read, moved or not, holds whole numbers', () => {
  const table = {
    'Embedding1/embeddings': [
      [3, 1],
      [1, 2, 3],
    ],
  } as Record<string, Numbers>;
  const moved = [
    ['Reshape', {target_shape: [4], batch_input_shape: [null, 2, 2]}],
    ['Embedding', {input_dim: 3, output_dim: 1}],
  ] as const;
  const graph = graphOf(sequential(moved, table));
  expect(graph.tensors.map(({dtype}) => dtype)).toEqual(['int32', 'int32', 'float32']);
  const scaled = [['Rescaling', {scale: 2, batch_input_shape: [null, 2]}], moved[1]] as const;
  expect(graphOf(sequential(scaled, table)).tensors.map(({dtype}) => dtype)).toEqual(['float32', 'float32', 'float32']);
});

test('factors of a normalisation that is called twice are made once, and not folded', () => {
  const norm = {class_name: 'BatchNormalization', name: 'n', config: {name: 'n'}};
  const twice = {...norm, inbound_nodes: [[['in', 0, 0, {}]], [['n', 0, 0, {}]]]};
  const start = {
    class_name: 'InputLayer',
    name: 'in',
    config: {name: 'in', batch_input_shape: [null, 2]},
    inbound_nodes: [],
  };
  const config = {name: 'm', layers: [start, twice], input_layers: [['in', 0, 0]], output_layers: [['n', 1, 0]]};
  const graph = graphOf({...sequential([], normOf('n')), modelTopology: {class_name: 'Model', config}});
  const [first, second] = graph.ops;
  if (first?.type !== 'affine' || second?.type !== 'affine') throw new Error('the calls are folded');
  expect(first.scale).toBe(second.scale);
});

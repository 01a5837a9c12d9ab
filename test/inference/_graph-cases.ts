import * as tf from '@tensorflow/tfjs';
import {LINEAR} from '../../src/graph/ops/activation.ts';
import type {MergeOp} from '../../src/graph/ops/merge.ts';
import type {ReduceOp} from '../../src/graph/ops/reduce.ts';
import type {Shape} from '../../src/graph/tensor.ts';
import {type GraphCase, randomWeight} from './_graphs.ts';

/** Ops that no layer of TensorFlow.js makes, in their configurations, beside what TensorFlow.js computes. */
export const GRAPH_CASES: GraphCase[] = [];

const MERGES: Readonly<Record<MergeOp['kind'], (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: tf.add,
  average: (a, b) => a.add(b).div(2),
  divide: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  multiply: tf.mul,
  power: tf.pow,
  'squared-difference': tf.squaredDifference,
  subtract: tf.sub,
};
/** The attributes of a merge. */
export const merge = (kind: MergeOp['kind']): Omit<MergeOp, 'layer' | 'inputs' | 'outputs'> => ({
  type: 'merge',
  kind,
  activation: LINEAR,
});
/** Apart from zero, where quotients and powers are large. */
const positive = (x: number): number => 1.6 + x;
/** TensorFlow.js stretches from the right, so what has a batch needs the ones that its shape lacks. */
const withRank = (x: tf.Tensor, rank: number): tf.Tensor =>
  x.reshape([x.shape[0]!, ...new Array(rank + 1 - x.rank).fill(1), ...x.shape.slice(1)]);

const PAIRS: readonly (readonly [Shape, Shape])[] = [
  [[5], [5]],
  [[5], [1]],
  [[1], [6]],
  [
    [4, 3, 5],
    [4, 3, 5],
  ],
  [[4, 3, 5], [5]],
  [[5], [4, 3, 5]],
  [
    [4, 3, 5],
    [1, 1, 5],
  ],
  [
    [4, 3, 5],
    [4, 3, 1],
  ],
  [
    [4, 3, 5],
    [4, 1, 5],
  ],
  [
    [4, 3, 5],
    [1, 3, 5],
  ],
  [
    [4, 3, 5],
    [3, 5],
  ],
  [[4, 3, 5], [1]],
  [
    [4, 1, 5],
    [1, 3, 1],
  ],
  [
    [1, 3, 5],
    [4, 1, 1],
  ],
  [
    [1, 1, 5],
    [1, 1, 5],
  ],
  [
    [1, 1, 5],
    [4, 3, 1],
  ],
  [
    [9, 4],
    [9, 1],
  ],
  [
    [9, 1],
    [1, 4],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 5],
  ],
  [
    [2, 1, 4, 1],
    [1, 3, 1, 5],
  ],
];

GRAPH_CASES.push(
  ...PAIRS.flatMap(([a, b], i) => {
    const kind = (Object.keys(MERGES) as MergeOp['kind'][])[i % 9]!;
    const rank = Math.max(a.length, b.length);
    const constant = randomWeight(b, 5, positive);
    const name = `[${a}] and [${b}]`;
    return [
      {
        name: `${kind} of ${name}`,
        shapes: [a, b],
        range: positive,
        emit: (emit, [p, q]) => emit(merge(kind), p!, q!),
        want: ([p, q]) => MERGES[kind](withRank(p!, rank), withRank(q!, rank)),
      },
      {
        name: `subtract of ${name}, the second constant`,
        shapes: [a],
        emit: (emit, [p]) => emit(merge('subtract'), p!, emit({type: 'constant', value: constant})),
        want: ([p]) => withRank(p!, rank).sub(tf.tensor(constant.data, [...b])),
      },
      {
        name: `${kind} of ${name}, the second constant and first`,
        shapes: [a],
        range: positive,
        emit: (emit, [p]) => emit(merge(kind), emit({type: 'constant', value: constant}), p!),
        want: ([p]) => MERGES[kind](tf.tensor(constant.data, [...b]), withRank(p!, rank)),
      },
    ] satisfies GraphCase[];
  }),
);

GRAPH_CASES.push(
  ...([
    {
      name: 'three of different shapes',
      shapes: [[3, 5], [4, 1, 5], [1]],
      emit: (emit, [a, b, c]) => emit(merge('multiply'), a!, b!, c!),
      want: ([a, b, c]) => withRank(a!, 3).mul(b!).mul(withRank(c!, 3)),
    },
    {
      name: 'a tensor and itself',
      shapes: [[4, 3, 5]],
      emit: (emit, [a]) => emit(merge('multiply'), a!, a!),
      want: ([a]) => a!.mul(a!),
    },
    {
      name: 'constants alone',
      forms: ['flat'],
      shapes: [[4]],
      emit: (emit, [a]) => {
        const constant = emit({type: 'constant', value: randomWeight([4], 1)});
        const squared = emit({type: 'activation', activation: {type: 'square'}}, constant);
        return emit(merge('add'), a!, emit(merge('multiply'), squared, constant));
      },
      want: ([a]) => a!.add(tf.tensor(randomWeight([4], 1).data.map(x => x ** 3))),
    },
    {
      name: 'a constant read by many ops, moved, joined and as it is',
      forms: ['flat', 'planes', 'gaps'],
      shapes: [[4, 3, 5]],
      emit: (emit, [a]) => {
        const constant = emit({type: 'constant', value: randomWeight([4, 3, 5], 2)});
        const turned = emit({type: 'transpose', permutation: [1, 0, 2]}, constant);
        const joined = emit({type: 'concat', axis: 0}, emit(merge('add'), a!, constant), constant);
        return emit({type: 'concat', axis: 0}, joined, emit({type: 'reshape', shape: [4, 3, 5], instances: 1}, turned));
      },
      want: ([a]) => {
        const constant = tf.tensor(randomWeight([4, 3, 5], 2).data, [1, 4, 3, 5]);
        const stretched = constant.tile([a!.shape[0]!, 1, 1, 1]);
        const turned = stretched.transpose([0, 2, 1, 3]).reshape(stretched.shape);
        return tf.concat([a!.add(constant), stretched, turned], 1);
      },
    },
  ] satisfies GraphCase[]),
);

const REDUCES: Readonly<Record<ReduceOp['kind'], (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor>> = {
  max: tf.max,
  mean: tf.mean,
  min: tf.min,
  product: tf.prod,
  sum: tf.sum,
};
const AXES: readonly (readonly [Shape, readonly number[]])[] = [
  [[7], [0]],
  [[1], [0]],
  [[6, 21], [0]],
  [[6, 21], [1]],
  [
    [6, 21],
    [0, 1],
  ],
  [[5, 4, 19], [0]],
  [[5, 4, 19], [1]],
  [[5, 4, 19], [2]],
  [
    [5, 4, 19],
    [0, 1],
  ],
  [
    [5, 4, 19],
    [0, 2],
  ],
  [
    [5, 4, 19],
    [1, 2],
  ],
  [
    [5, 4, 3],
    [0, 1, 2],
  ],
  [
    [1, 1, 5],
    [0, 1],
  ],
  [[1, 1, 5], [2]],
  [[1, 4, 5], [0]],
  [
    [2, 3, 4, 5],
    [0, 2],
  ],
  [
    [2, 3, 4, 5],
    [1, 3],
  ],
  [
    [2, 3, 4, 5, 2],
    [0, 2, 4],
  ],
];

GRAPH_CASES.push(
  ...AXES.flatMap(([shape, axes], i) =>
    (Object.keys(REDUCES) as ReduceOp['kind'][]).map((kind, k): GraphCase => {
      const keepDims = (i + k) % 2 === 0;
      return {
        name: `${kind} of [${shape}] over ${axes}${keepDims ? ', dimensions kept' : ''}`,
        shapes: [shape],
        range: kind === 'product' ? x => 1 + x / 4 : x => x,
        emit: (emit, [x]) => emit({type: 'reduce', kind, axes, keepDims}, x!),
        want: ([x]) =>
          REDUCES[kind](
            x!,
            axes.map(axis => axis + 1),
            keepDims,
          ),
      };
    }),
  ),
);

GRAPH_CASES.push(
  ...[
    [[5], [2], [3]],
    [[5], [-1], [-2]],
    [
      [4, 5],
      [-1, 2],
      [3, 0],
    ],
    [
      [5, 6, 3],
      [1, 2, 0],
      [2, 0, 0],
    ],
    [
      [5, 6, 3],
      [0, 0, 2],
      [0, 0, 1],
    ],
    [
      [5, 6, 3],
      [-1, 0, 0],
      [2, -2, 1],
    ],
    [
      [2, 3, 4, 5],
      [0, 1, 0, 2],
      [1, 0, 2, 0],
    ],
  ].flatMap(([shape, before, after]) =>
    (['constant', 'reflect', 'symmetric'] as const).map((mode): GraphCase => {
      // A mirror shows what there is, once.
      const most = shape!.map((size, axis) => {
        const kept = size + Math.min(0, before![axis]!) + Math.min(0, after![axis]!);
        return mode === 'constant' ? size : kept - (mode === 'reflect' ? 1 : 0);
      });
      const first = before!.map((places, axis) => Math.min(places, most[axis]!));
      const last = after!.map((places, axis) => Math.min(places, most[axis]!));
      return {
        name: `${mode} padding of [${shape}] by [${first}] and [${after}]`,
        shapes: [shape!],
        emit: (emit, [x]) => emit({type: 'pad', before: first, after: last, mode, value: -0.25}, x!),
        want: ([x]) => {
          const begin = [0, ...first.map(places => Math.max(0, -places))];
          const size = [
            x!.shape[0]!,
            ...shape!.map((length, i) => length + Math.min(0, first[i]!) + Math.min(0, last[i]!)),
          ];
          const cut = x!.slice(begin, size);
          const paddings = [[0, 0], ...first.map((places, i) => [Math.max(0, places), Math.max(0, last[i]!)])] as [
            number,
            number,
          ][];
          return mode === 'constant' ? cut.pad(paddings, -0.25) : tf.mirrorPad(cut, paddings, mode);
        },
      };
    }),
  ),
);

GRAPH_CASES.push(
  ...(
    [
      [[9], [2], [3], [2]],
      [
        [4, 7],
        [1, 0],
        [2, 3],
        [2, 3],
      ],
      [
        [5, 6, 4],
        [1, 2, 0],
        [3, 2, 4],
        [1, 1, 1],
      ],
      [
        [5, 6, 4],
        [0, 1, 1],
        [2, 3, 2],
        [3, 2, 2],
      ],
      [
        [5, 6, 4],
        [4, 5, 3],
        [1, 1, 1],
        [1, 1, 1],
      ],
      [
        [2, 3, 4, 5],
        [1, 0, 1, 0],
        [1, 2, 2, 3],
        [1, 2, 2, 2],
      ],
    ] as const
  ).map(
    ([shape, begin, size, strides]): GraphCase => ({
      name: `slice of [${shape}] from [${begin}], [${size}] places by [${strides}]`,
      shapes: [shape],
      emit: (emit, [x]) => emit({type: 'slice', begin, size, strides}, x!),
      want: ([x]) => {
        const end = begin.map((first, i) => first + (size[i]! - 1) * strides[i]! + 1);
        return x!.stridedSlice([0, ...begin], [x!.shape[0]!, ...end], [1, ...strides]);
      },
    }),
  ),
);

const FUNCTIONS = {
  abs: tf.abs,
  cos: tf.cos,
  erf: tf.erf,
  floor: tf.floor,
  log: tf.log,
  reciprocal: tf.reciprocal,
  rsqrt: tf.rsqrt,
  sin: tf.sin,
  sqrt: tf.sqrt,
  square: tf.square,
} as const;

GRAPH_CASES.push(
  ...(Object.keys(FUNCTIONS) as (keyof typeof FUNCTIONS)[]).map(
    (type): GraphCase => ({
      name: type,
      shapes: [[4, 3, 5]],
      range: ['log', 'reciprocal', 'rsqrt', 'sqrt'].includes(type) ? positive : x => 5 * x,
      emit: (emit, [x]) => emit({type: 'activation', activation: {type}}, x!),
      want: ([x]) => FUNCTIONS[type](x!),
    }),
  ),
);

/** Sizes of matrices: `[..., rows, inputs]` and `[..., inputs, columns]` before any is transposed. */
const PRODUCTS: readonly (readonly [Shape, Shape])[] = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [5, 7],
    [7, 3],
  ],
  [
    [9, 33],
    [33, 18],
  ],
  [
    [1, 30],
    [30, 21],
  ],
  [
    [3, 2100],
    [2100, 9],
  ],
  [
    [2, 12, 8],
    [2, 8, 12],
  ],
  [
    [4, 6, 5],
    [5, 11],
  ],
  [
    [6, 5],
    [3, 5, 10],
  ],
  [
    [2, 1, 6, 5],
    [3, 5, 4],
  ],
  [
    [2, 3, 1, 5],
    [1, 3, 5, 9],
  ],
];
/** TensorFlow.js itself stretches no more than one dimension of matrices side by side. */
function product(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  const rank = Math.max(a.rank, b.rank) - 1;
  const [p, q] = [withRank(a, rank), withRank(b, rank)];
  const sides = p.shape.slice(0, -2).map((size, i) => Math.max(size, q.shape[i]!));
  const wide = (x: tf.Tensor): tf.Tensor => x.broadcastTo([...sides, ...x.shape.slice(-2)] as never);
  return tf.matMul(wide(p), wide(q), transposeA, transposeB);
}
const exchanged = (shape: Shape): Shape => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];

GRAPH_CASES.push(
  ...PRODUCTS.flatMap(([a, b]) =>
    [0, 1, 2, 3].flatMap((bits): GraphCase[] => {
      const [transposeA, transposeB] = [(bits & 1) > 0, (bits & 2) > 0];
      const shapes = [transposeA ? exchanged(a) : a, transposeB ? exchanged(b) : b] as const;
      const constant = randomWeight(shapes[1], 7);
      const attributes = {type: 'matmul', transposeA, transposeB} as const;
      const name = `matmul of [${shapes[0]}] and [${shapes[1]}], ${bits} of them transposed`;
      return [
        {
          name,
          shapes,
          emit: (emit, [p, q]) => emit(attributes, p!, q!),
          want: ([p, q]) => product(p!, q!, transposeA, transposeB),
        },
        {
          name: `${name}, the second constant`,
          shapes: [shapes[0]],
          emit: (emit, [p]) => emit(attributes, p!, emit({type: 'constant', value: constant})),
          want: ([p]) => product(p!, tf.tensor(constant.data, [1, ...shapes[1]]), transposeA, transposeB),
        },
      ];
    }),
  ),
);

const GROUPS: readonly (readonly [channels: number, filters: number, groups: number])[] = [
  [4, 6, 2],
  [6, 6, 3],
  [6, 12, 6],
  [16, 16, 4],
];

GRAPH_CASES.push(
  ...GROUPS.flatMap(([channels, filters, groups]) =>
    [1, 2].map((stride): GraphCase => {
      const each = channels / groups;
      const kernel = randomWeight([3, 3, each, filters], 3);
      const bias = randomWeight([filters], 4);
      return {
        name: `conv2d of ${channels} channels to ${filters} in ${groups} groups, stride ${stride}`,
        shapes: [[7, 6, channels]],
        emit: (emit, [x]) =>
          emit(
            {
              ...{type: 'conv2d', groups, kernel, bias, strides: [stride, stride], dilations: [1, 1]},
              ...{padding: {top: 1, bottom: 1, left: 1, right: 1}, activation: {type: 'abs'}},
            },
            x!,
          ),
        want: ([x]) => {
          const inputs = tf.split(x as tf.Tensor4D, groups, 3);
          const kernels = tf.split(tf.tensor4d(kernel.data, [3, 3, each, filters]), groups, 3);
          const outputs = inputs.map((part, i) => tf.conv2d(part as tf.Tensor4D, kernels[i] as tf.Tensor4D, stride, 1));
          return tf.concat(outputs, 3).add(tf.tensor(bias.data)).abs();
        },
      };
    }),
  ),
);

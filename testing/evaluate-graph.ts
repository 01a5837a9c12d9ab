import type {Graph} from '../src/graph/graph.ts';
import type {Activation} from '../src/graph/ops/activation.ts';
import type {Op, OpOf} from '../src/graph/ops/index.ts';
import {broadcastShapes} from '../src/graph/ops/merge.ts';
import {type Shape, sizeOf, type Weight} from '../src/graph/tensor.ts';

/** Numbers of one example under a shape. */
export interface Numbers {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/**
 * Computes a graph for one example, op by op as each is described, in double precision and with no care for speed: what
 * importers are tested against where the engine must not be part of the test.
 *
 * @param inputs Row-major numbers by the names of inputs.
 * @returns Outputs by their names.
 */
export function evaluateGraph(
  graph: Graph,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
): Record<string, Numbers> {
  const values = new Map<number, Numbers>();
  for (const {name, tensor} of graph.inputs) {
    const {shape} = graph.tensors[tensor]!;
    const data = Float64Array.from(inputs[name]!, Math.fround);
    if (data.length !== sizeOf(shape))
      throw new Error(`Input '${name}' is [${shape}], but has ${data.length} numbers.`);
    values.set(tensor, {shape, data});
  }
  for (const op of graph.ops) {
    const results = computed(
      op,
      op.inputs.map(id => values.get(id)!),
    );
    op.outputs.forEach((id, i) => {
      const {shape} = graph.tensors[id]!;
      values.set(id, {shape, data: results[i]!.data});
    });
  }
  return Object.fromEntries(graph.outputs.map(({name, tensor}) => [name, values.get(tensor)!]));
}

function computed(op: Op, [x, ...rest]: readonly Numbers[]): readonly Numbers[] {
  switch (op.type) {
    case 'activation':
      return [mapped(x!, op.activation)];
    case 'affine': {
      const c = x!.shape.at(-1) ?? 1;
      return [
        mapped(
          filled(x!.shape, i => x!.data[i]! * op.scale.data[i % c]! + op.shift.data[i % c]!),
          op.activation,
        ),
      ];
    }
    case 'concat':
      return [joined([x!, ...rest], op.axis)];
    case 'constant':
      return [{shape: op.value.shape, data: Float64Array.from(op.value.data)}];
    case 'conv2d':
    case 'depthwise-conv2d':
      return [convolved(op, x!)];
    case 'conv2d-transpose':
      return [convolvedBack(op, x!)];
    case 'dense':
      return [dense(x!, op.kernel, op.bias, op.activation)];
    case 'embedding': {
      const width = op.table.shape[1]!;
      const shape = [...x!.shape, width];
      return [filled(shape, i => op.table.data[x!.data[Math.floor(i / width)]! * width + (i % width)]!)];
    }
    case 'layer-norm':
      return [normalised(op, x!)];
    case 'gru':
    case 'lstm':
    case 'simple-rnn':
      return recurrent(op, x!, rest);
    case 'matmul':
      return [product(op, x!, rest[0]!)];
    case 'merge':
      return [merged(op, [x!, ...rest])];
    case 'pad':
      return [padded(op, x!)];
    case 'pool2d':
      return [pooled(op, x!)];
    case 'prelu': {
      const alpha = stretched({shape: op.alpha.shape, data: Float64Array.from(op.alpha.data)}, x!.shape);
      return [filled(x!.shape, i => (x!.data[i]! > 0 ? x!.data[i]! : alpha.data[i]! * x!.data[i]!))];
    }
    case 'reduce':
      return [reduced(op, x!)];
    case 'reshape':
      return [{shape: op.shape, data: x!.data}];
    case 'resize2d':
      return [resized(op, x!)];
    case 'reverse':
      return [gathered(x!, x!.shape, ([first, ...others]) => [x!.shape[0]! - 1 - first!, ...others])];
    case 'slice':
      return [gathered(x!, op.size, place => place.map((at, axis) => op.begin[axis]! + at * op.strides[axis]!))];
    case 'softmax':
      return [softmaxed(op, x!)];
    case 'transpose': {
      const shape = op.permutation.map(axis => x!.shape[axis]!);
      const inverse = op.permutation.map((_, axis) => op.permutation.indexOf(axis));
      return [gathered(x!, shape, place => inverse.map(axis => place[axis]!))];
    }
    default:
      throw new Error(`No test evaluates '${op.type}'.`);
  }
}

function filled(shape: Shape, of: (index: number) => number): Numbers {
  return {shape, data: Float64Array.from({length: sizeOf(shape)}, (_, i) => of(i))};
}

function stepsOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

function placeOf(index: number, shape: Shape): number[] {
  return stepsOf(shape).map((step, axis) => Math.floor(index / step) % shape[axis]!);
}

function indexOf(place: readonly number[], shape: Shape): number {
  return stepsOf(shape).reduce((sum, step, axis) => sum + step * place[axis]!, 0);
}

/** Each number of the result stands at some place of `x`, or is 0 where there is none. */
function gathered(x: Numbers, shape: Shape, from: (place: readonly number[]) => readonly number[]): Numbers {
  return filled(shape, i => x.data[indexOf(from(placeOf(i, shape)), x.shape)]!);
}

function stretched(x: Numbers, shape: Shape): Numbers {
  const own = [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
  return gathered({shape: own, data: x.data}, shape, place => place.map((at, axis) => (own[axis] === 1 ? 0 : at)));
}

function erf(x: number): number {
  // The integral as a series; beyond 6 it is 1 to the last bit.
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

const FUNCTIONS: {readonly [type in Exclude<Activation['type'], 'elu' | 'relu'>]: (x: number) => number} = {
  abs: Math.abs,
  cos: Math.cos,
  erf,
  exponential: Math.exp,
  floor: Math.floor,
  gelu: x => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  'gelu-tanh': x => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  'hard-sigmoid': x => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
  'hard-sigmoid-6': x => Math.min(Math.max(x + 3, 0), 6) / 6,
  'hard-swish': x => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  linear: x => x,
  log: Math.log,
  mish: x => x * Math.tanh(softplus(x)),
  reciprocal: x => 1 / x,
  rsqrt: x => 1 / Math.sqrt(x),
  selu: x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  sigmoid,
  sin: Math.sin,
  softplus,
  softsign: x => x / (1 + Math.abs(x)),
  sqrt: Math.sqrt,
  square: x => x * x,
  swish: x => x * sigmoid(x),
  tanh: Math.tanh,
};

function functionOf(activation: Activation): (x: number) => number {
  if (activation.type === 'elu') return x => (x > 0 ? x : activation.alpha * Math.expm1(x));
  if (activation.type !== 'relu') return FUNCTIONS[activation.type];
  const {maxValue, slope, threshold} = activation;
  return x => (x > threshold ? Math.min(x, maxValue) : slope * (x - threshold));
}

function mapped({shape, data}: Numbers, activation: Activation): Numbers {
  return {shape, data: data.map(functionOf(activation))};
}

function joined(parts: readonly Numbers[], axis: number): Numbers {
  const shape = parts[0]!.shape.map((size, i) =>
    i === axis ? parts.reduce((sum, part) => sum + part.shape[axis]!, 0) : size,
  );
  return filled(shape, i => {
    const place = placeOf(i, shape);
    for (const part of parts) {
      if (place[axis]! < part.shape[axis]!) return part.data[indexOf(place, part.shape)]!;
      place[axis]! -= part.shape[axis]!;
    }
    return Number.NaN;
  });
}

const MERGES: Readonly<Record<Exclude<OpOf<'merge'>['kind'], 'average'>, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  divide: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  multiply: (a, b) => a * b,
  power: (a, b) => a ** b,
  'squared-difference': (a, b) => (a - b) ** 2,
  subtract: (a, b) => a - b,
};

function merged({kind, activation}: OpOf<'merge'>, inputs: readonly Numbers[]): Numbers {
  const shape = inputs.map(input => input.shape).reduce(broadcastShapes);
  const of = MERGES[kind === 'average' ? 'add' : kind];
  const wide = inputs.map(input => stretched(input, shape));
  const divisor = kind === 'average' ? inputs.length : 1;
  return mapped(
    filled(shape, i => wide.map(({data}) => data[i]!).reduce((a, b) => of(a, b)) / divisor),
    activation,
  );
}

function dense(x: Numbers, kernel: Weight, bias: Weight | null, activation: Activation): Numbers {
  const [inputs, units] = kernel.shape as [number, number];
  const sums = filled([...x.shape.slice(0, -1), units], i => {
    const [row, unit] = [Math.floor(i / units), i % units];
    let sum = bias?.data[unit] ?? 0;
    for (let k = 0; k < inputs; k++) sum += x.data[row * inputs + k]! * kernel.data[k * units + unit]!;
    return sum;
  });
  return mapped(sums, activation);
}

function product({transposeA, transposeB}: OpOf<'matmul'>, a: Numbers, b: Numbers): Numbers {
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [m, k] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
  const n = b.shape.at(transposeB ? -2 : -1)!;
  const [wideA, wideB] = [
    stretched(a, [...batch, ...a.shape.slice(-2)]),
    stretched(b, [...batch, ...b.shape.slice(-2)]),
  ];
  return filled([...batch, m, n], i => {
    const [matrix, row, column] = [Math.floor(i / (m * n)), Math.floor(i / n) % m, i % n];
    let sum = 0;
    for (let j = 0; j < k; j++)
      sum +=
        wideA.data[matrix * m * k + (transposeA ? j * m + row : row * k + j)]! *
        wideB.data[matrix * k * n + (transposeB ? column * k + j : j * n + column)]!;
    return sum;
  });
}

function convolved(op: OpOf<'conv2d'> | OpOf<'depthwise-conv2d'>, x: Numbers): Numbers {
  const {kernel, bias, strides, dilations, padding} = op;
  const [height, width, channels] = x.shape as [number, number, number];
  const [kh, kw, each, last] = kernel.shape as [number, number, number, number];
  const out = op.type === 'conv2d' ? last : each * last;
  const rows = Math.floor((height + padding.top + padding.bottom - (kh - 1) * dilations[0] - 1) / strides[0]) + 1;
  const columns = Math.floor((width + padding.left + padding.right - (kw - 1) * dilations[1] - 1) / strides[1]) + 1;
  const sums = filled([rows, columns, out], i => {
    const [y, xAt, o] = placeOf(i, [rows, columns, out]) as [number, number, number];
    let sum = bias?.data[o] ?? 0;
    for (let ky = 0; ky < kh; ky++)
      for (let kx = 0; kx < kw; kx++) {
        const row = y * strides[0] + ky * dilations[0] - padding.top;
        const column = xAt * strides[1] + kx * dilations[1] - padding.left;
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        const pixel = (row * width + column) * channels;
        if (op.type === 'depthwise-conv2d') {
          const [c, m] = [Math.floor(o / last), o % last];
          sum += x.data[pixel + c]! * kernel.data[((ky * kw + kx) * each + c) * last + m]!;
          continue;
        }
        const first = Math.floor(o / (out / op.groups)) * each;
        for (let c = 0; c < each; c++)
          sum += x.data[pixel + first + c]! * kernel.data[((ky * kw + kx) * each + c) * out + o]!;
      }
    return sum;
  });
  return mapped(sums, op.activation);
}

function convolvedBack(op: OpOf<'conv2d-transpose'>, x: Numbers): Numbers {
  const {kernel, bias, strides, padding} = op;
  const [height, width, channels] = x.shape as [number, number, number];
  const [kh, kw, out] = kernel.shape as [number, number, number];
  const rows = (height - 1) * strides[0] + kh - padding.top - padding.bottom;
  const columns = (width - 1) * strides[1] + kw - padding.left - padding.right;
  const sums = filled([rows, columns, out], i => bias?.data[i % out] ?? 0);
  for (let y = 0; y < height; y++)
    for (let xAt = 0; xAt < width; xAt++)
      for (let ky = 0; ky < kh; ky++)
        for (let kx = 0; kx < kw; kx++) {
          const [row, column] = [y * strides[0] + ky - padding.top, xAt * strides[1] + kx - padding.left];
          if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
          for (let o = 0; o < out; o++)
            for (let c = 0; c < channels; c++)
              sums.data[(row * columns + column) * out + o]! +=
                x.data[(y * width + xAt) * channels + c]! * kernel.data[((ky * kw + kx) * out + o) * channels + c]!;
        }
  return mapped(sums, op.activation);
}

function pooled({kind, size, strides, padding}: OpOf<'pool2d'>, x: Numbers): Numbers {
  const [height, width, channels] = x.shape as [number, number, number];
  const rows = Math.floor((height + padding.top + padding.bottom - size[0]) / strides[0]) + 1;
  const columns = Math.floor((width + padding.left + padding.right - size[1]) / strides[1]) + 1;
  return filled([rows, columns, channels], i => {
    const [y, xAt, c] = placeOf(i, [rows, columns, channels]) as [number, number, number];
    const seen: number[] = [];
    for (let ky = 0; ky < size[0]; ky++)
      for (let kx = 0; kx < size[1]; kx++) {
        const [row, column] = [y * strides[0] + ky - padding.top, xAt * strides[1] + kx - padding.left];
        if (row >= 0 && row < height && column >= 0 && column < width)
          seen.push(x.data[(row * width + column) * channels + c]!);
      }
    return kind === 'max' ? Math.max(...seen) : seen.reduce((a, b) => a + b, 0) / seen.length;
  });
}

function padded({before, after, mode, value}: OpOf<'pad'>, x: Numbers): Numbers {
  const cropped = x.shape.map((size, axis) => size + Math.min(0, before[axis]!) + Math.min(0, after[axis]!));
  const shape = cropped.map((size, axis) => size + Math.max(0, before[axis]!) + Math.max(0, after[axis]!));
  const mirrored = (at: number, size: number): number => {
    if (mode === 'reflect') return at < 0 ? -at : at >= size ? 2 * size - 2 - at : at;
    return at < 0 ? -1 - at : at >= size ? 2 * size - 1 - at : at;
  };
  return filled(shape, i => {
    const place = placeOf(i, shape).map((at, axis) => at - Math.max(0, before[axis]!));
    const inside = place.every((at, axis) => at >= 0 && at < cropped[axis]!);
    if (!inside && mode === 'constant') return value;
    const from = place.map((at, axis) => mirrored(at, cropped[axis]!) - Math.min(0, before[axis]!));
    return x.data[indexOf(from, x.shape)]!;
  });
}

function reduced({kind, axes}: OpOf<'reduce'>, x: Numbers): Numbers {
  const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const groups = Array.from({length: sizeOf(shape)}, (): number[] => []);
  x.data.forEach((number, i) => {
    const place = placeOf(i, x.shape).map((at, axis) => (axes.includes(axis) ? 0 : at));
    groups[indexOf(place, shape)]!.push(number);
  });
  const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);
  return filled(shape, i => {
    const group = groups[i]!;
    if (kind === 'sum') return sum(group);
    if (kind === 'mean') return sum(group) / group.length;
    if (kind === 'product') return group.reduce((a, b) => a * b, 1);
    return kind === 'max' ? Math.max(...group) : Math.min(...group);
  });
}

function resized({size, interpolation, alignCorners, halfPixelCenters}: OpOf<'resize2d'>, x: Numbers): Numbers {
  const [height, width, channels] = x.shape as [number, number, number];
  const placeIn = (i: number, input: number, output: number): number => {
    if (alignCorners) return output === 1 ? 0 : (i * (input - 1)) / (output - 1);
    return halfPixelCenters ? (i + 0.5) * (input / output) - 0.5 : i * (input / output);
  };
  const nearest = (place: number, input: number): number => {
    const pixel = alignCorners || halfPixelCenters ? Math.floor(place + 0.5) : Math.floor(place);
    return Math.min(Math.max(pixel, 0), input - 1);
  };
  const shape = [...size, channels];
  return filled(shape, i => {
    const [y, xAt, c] = placeOf(i, shape) as [number, number, number];
    const [row, column] = [placeIn(y, height, size[0]), placeIn(xAt, width, size[1])];
    const at = (r: number, q: number): number =>
      x.data[(Math.min(Math.max(r, 0), height - 1) * width + Math.min(Math.max(q, 0), width - 1)) * channels + c]!;
    if (interpolation === 'nearest') return at(nearest(row, height), nearest(column, width));
    const [top, left] = [Math.floor(row), Math.floor(column)];
    const [down, right] = [row - top, column - left];
    const line = (r: number): number => at(r, left) * (1 - right) + at(r, left + 1) * right;
    return line(top) * (1 - down) + line(top + 1) * down;
  });
}

function softmaxed({log}: OpOf<'softmax'>, x: Numbers): Numbers {
  const width = x.shape.at(-1)!;
  return filled(x.shape, i => {
    const row = x.data.subarray(i - (i % width), i - (i % width) + width);
    const most = Math.max(...row);
    const total = row.reduce((sum, number) => sum + Math.exp(number - most), 0);
    const logarithm = x.data[i]! - most - Math.log(total);
    return log ? logarithm : Math.exp(logarithm);
  });
}

function normalised({dimensions, epsilon, gamma, beta}: OpOf<'layer-norm'>, x: Numbers): Numbers {
  const width = sizeOf(x.shape.slice(x.shape.length - dimensions));
  return filled(x.shape, i => {
    const row = x.data.subarray(i - (i % width), i - (i % width) + width);
    const mean = row.reduce((a, b) => a + b, 0) / width;
    const variance = row.reduce((sum, number) => sum + (number - mean) ** 2, 0) / width;
    return ((x.data[i]! - mean) / Math.sqrt(variance + epsilon)) * gamma.data[i % width]! + beta.data[i % width]!;
  });
}

type Recurrent = OpOf<'gru'> | OpOf<'lstm'> | OpOf<'simple-rnn'>;

function recurrent(op: Recurrent, x: Numbers, initial: readonly Numbers[]): readonly Numbers[] {
  const [time, inputs] = x.shape as [number, number];
  const units = op.recurrentKernel.shape[0]!;
  const states = initial.map(({data}) => Array.from(data));
  let h = states[0] ?? new Array<number>(units).fill(0);
  let c = states[1] ?? new Array<number>(units).fill(0);
  const steps: number[] = [];
  const width = op.kernel.shape[1]!;
  const times = (vector: ArrayLike<number>, matrix: Weight, column: number): number => {
    let sum = 0;
    for (let k = 0; k < vector.length; k++) sum += vector[k]! * matrix.data[k * width + column]!;
    return sum;
  };
  const activation = functionOf(op.activation);
  for (let step = 0; step < time; step++) {
    const at = op.goBackwards ? time - 1 - step : step;
    const row = x.data.subarray(at * inputs, (at + 1) * inputs);
    const ofInput = (gate: number, u: number): number =>
      times(row, op.kernel, gate * units + u) + (op.bias?.data[gate * units + u] ?? 0);
    const ofState = (gate: number, u: number, state: ArrayLike<number> = h): number =>
      times(state, op.recurrentKernel, gate * units + u) +
      (op.type === 'gru' && op.resetAfter ? (op.bias?.data[width + gate * units + u] ?? 0) : 0);
    const each = (of: (u: number) => number): number[] => Array.from({length: units}, (_, u) => of(u));
    if (op.type === 'simple-rnn') h = each(u => activation(ofInput(0, u) + ofState(0, u)));
    else {
      const gate = functionOf(op.recurrentActivation);
      const open = (index: number): number[] => each(u => gate(ofInput(index, u) + ofState(index, u)));
      if (op.type === 'lstm') {
        const [i, f, o] = [open(0), open(1), open(3)];
        c = each(u => f[u]! * c[u]! + i[u]! * activation(ofInput(2, u) + ofState(2, u)));
        h = each(u => o[u]! * activation(c[u]!));
      } else {
        const [z, r] = [open(0), open(1)];
        const held = each(u => r[u]! * h[u]!);
        const candidate = each(u =>
          activation(ofInput(2, u) + (op.resetAfter ? r[u]! * ofState(2, u) : ofState(2, u, held))),
        );
        h = each(u => z[u]! * h[u]! + (1 - z[u]!) * candidate[u]!);
      }
    }
    steps.push(...h);
  }
  const output = op.returnSequences ? steps : h;
  return [output, h, c].map(data => ({shape: [], data: Float64Array.from(data)}));
}

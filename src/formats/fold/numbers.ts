import {TfmotError} from '../../errors.ts';
import type {Activation} from '../../graph/ops/activation.ts';
import type {Shape} from '../../graph/tensor.ts';
import {sizeOf} from '../../graph/tensor.ts';
import {type Constant, constantOf, type NumberKind, stepsOf} from './value.ts';

/** What two numbers can become. */
export type Binary =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'floor-divide'
  | 'modulo'
  | 'power'
  | 'squared-difference'
  | 'maximum'
  | 'minimum'
  | 'equal'
  | 'not-equal'
  | 'less'
  | 'less-equal'
  | 'greater'
  | 'greater-equal'
  | 'and'
  | 'or';

const BINARY: Readonly<Record<Binary, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  'floor-divide': (a, b) => Math.floor(a / b),
  // The sign of the divisor, as TensorFlow's FloorMod and ONNX' Mod have it.
  modulo: (a, b) => a - Math.floor(a / b) * b,
  power: (a, b) => a ** b,
  'squared-difference': (a, b) => (a - b) ** 2,
  maximum: Math.max,
  minimum: Math.min,
  equal: (a, b) => Number(a === b),
  'not-equal': (a, b) => Number(a !== b),
  less: (a, b) => Number(a < b),
  'less-equal': (a, b) => Number(a <= b),
  greater: (a, b) => Number(a > b),
  'greater-equal': (a, b) => Number(a >= b),
  and: (a, b) => Number(a !== 0 && b !== 0),
  or: (a, b) => Number(a !== 0 || b !== 0),
};
const LOGICAL: readonly Binary[] = [
  ...(['equal', 'not-equal', 'less', 'less-equal', 'greater', 'greater-equal', 'and', 'or'] as const),
];

/** A function of one number, by the words of {@link Activation} and a few more. */
export type Unary =
  | Exclude<Activation['type'], 'elu' | 'linear' | 'relu'>
  | 'ceil'
  | 'negate'
  | 'not'
  | 'round'
  | 'sign';

const UNARY: {readonly [name in Unary]?: (x: number) => number} = {
  abs: Math.abs,
  ceil: Math.ceil,
  cos: Math.cos,
  exponential: Math.exp,
  floor: Math.floor,
  log: Math.log,
  negate: x => 0 - x,
  not: x => Number(x === 0),
  reciprocal: x => 1 / x,
  round: halfToEven,
  rsqrt: x => 1 / Math.sqrt(x),
  sigmoid: x => 1 / (1 + Math.exp(-x)),
  sign: Math.sign,
  sin: Math.sin,
  sqrt: Math.sqrt,
  square: x => x * x,
  tanh: Math.tanh,
};

function halfToEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
}

/** Two constants, stretched to a common shape, number by number. */
export function mergedNumbers(name: string, kind: Binary, a: Constant, b: Constant, shape: Shape): Constant {
  const whole = a.numbers !== 'float' && b.numbers !== 'float';
  const of = whole && kind === 'divide' ? (x: number, y: number): number => Math.trunc(x / y) : BINARY[kind];
  const [left, right] = [strideOver(a.shape, shape), strideOver(b.shape, shape)];
  const data = allocated(sizeOf(shape), whole);
  visit(shape, [left, right], (i, [p, q]) => {
    data[i] = of(a.data[p!]!, b.data[q!]!);
  });
  return constantOf(name, shape, data, LOGICAL.includes(kind) ? 'bool' : whole ? 'int' : 'float');
}

/** A function of one number over a constant; null for one that has no formula here. */
export function mappedNumbers(name: string, kind: Unary, {shape, data, numbers}: Constant): Constant | null {
  const of = UNARY[kind];
  if (of === undefined) return null;
  const result = allocated(data.length, numbers !== 'float');
  for (let i = 0; i < data.length; i++) result[i] = of(data[i]!);
  return constantOf(name, shape, result, kind === 'not' ? 'bool' : numbers);
}

/** A constant of other numbers: to whole ones by cutting off the fraction. */
export function castNumbers(name: string, {shape, data, numbers}: Constant, to: NumberKind): Constant {
  if (to === numbers) return constantOf(name, shape, data, to);
  const result = allocated(data.length, to !== 'float');
  for (let i = 0; i < data.length; i++)
    result[i] = to === 'bool' ? Number(data[i] !== 0) : to === 'int' ? Math.trunc(data[i]!) : data[i]!;
  return constantOf(name, shape, result, to);
}

/** Where `condition` is not 0 a number of `a`, else of `b`. */
export function selectedNumbers(name: string, condition: Constant, a: Constant, b: Constant, shape: Shape): Constant {
  const data = allocated(sizeOf(shape), a.numbers !== 'float');
  const strides = [condition, a, b].map(constant => strideOver(constant.shape, shape));
  visit(shape, strides, (i, [p, q, r]) => {
    data[i] = condition.data[p!] !== 0 ? a.data[q!]! : b.data[r!]!;
  });
  return constantOf(name, shape, data, a.numbers);
}

/** Most numbers of one constant: 256 MiB of them. */
const MAX_NUMBERS = 2 ** 26;

/**
 * Memory for numbers; whole ones may need more bits than float32 has.
 *
 * @throws TfmotError `unsupported-model` for more than a file could mean.
 */
export function allocated(length: number, whole: boolean): Float32Array | Float64Array {
  if (!(length <= MAX_NUMBERS))
    throw new TfmotError(
      'unsupported-model',
      `A constant must have at most ${MAX_NUMBERS} numbers, but has ${length}.`,
    );
  return whole ? new Float64Array(length) : new Float32Array(length);
}

/** Steps of a smaller shape along the dimensions of the one that it is stretched to: 0 where it is repeated. */
export function strideOver(small: Shape, shape: Shape): number[] {
  const steps = stepsOf(small);
  const ahead = shape.length - small.length;
  return shape.map((_, axis) => (axis < ahead || small[axis - ahead] === 1 ? 0 : steps[axis - ahead]!));
}

/** Calls back for each element of a shape, in order, with where each of several operands then stands. */
export function visit(
  shape: Shape,
  strides: readonly (readonly number[])[],
  each: (index: number, places: readonly number[]) => void,
): void {
  const count = sizeOf(shape);
  const at = new Array<number>(shape.length).fill(0);
  const places = strides.map(() => 0);
  for (let i = 0; i < count; i++) {
    each(i, places);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at[axis]!++;
      for (let k = 0; k < places.length; k++) places[k]! += strides[k]![axis]!;
      if (at[axis]! < shape[axis]!) break;
      for (let k = 0; k < places.length; k++) places[k]! -= strides[k]![axis]! * shape[axis]!;
      at[axis] = 0;
    }
  }
}

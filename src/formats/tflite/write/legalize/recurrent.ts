import {LINEAR} from '../../../../graph/ops/activation.ts';
import type {Attributes} from '../../../../graph/ops/op.ts';
import type {GruOp, LstmOp, SimpleRnnOp} from '../../../../graph/ops/recurrent.ts';
import type {TensorId, Weight} from '../../../../graph/tensor.ts';
import type {Rule, Speller} from './speller.ts';

/** A tensor, or null for zeros: what the states are at first, so that the first step is spared their products. */
type Maybe = TensorId | null;

type Gates = [z: Maybe, r: Maybe, candidate: Maybe];

/** One step: from the projected input of it and the states to the new states, the output first. */
type Cell = (projected: TensorId, states: readonly Maybe[]) => readonly TensorId[];

export const simpleRnnRule: Rule<SimpleRnnOp> = (op, inputs, speller) =>
  unrolled(op, op.bias, 1, inputs, speller, (projected, [h]) => [
    speller.activate(op.activation, plus(projected, product(op.recurrentKernel, h!, speller), speller)),
  ]);

export const lstmRule: Rule<LstmOp> = (op, inputs, speller) =>
  unrolled(op, op.bias, 2, inputs, speller, (projected, [h, c]) => {
    const {merge, activate} = speller;
    const sums = plus(projected, product(op.recurrentKernel, h!, speller), speller);
    const [input, forget, candidate, output] = parts(sums, 4, speller) as [TensorId, TensorId, TensorId, TensorId];
    const gate = (x: TensorId): TensorId => activate(op.recurrentActivation, x);
    const fresh = merge('multiply', gate(input), activate(op.activation, candidate));
    const cell = c === null ? fresh : merge('add', merge('multiply', gate(forget), c!), fresh);
    return [merge('multiply', gate(output), activate(op.activation, cell)), cell];
  });

export const gruRule: Rule<GruOp> = (op, inputs, speller) => {
  const {bias, resetAfter} = op;
  if (bias === null || !resetAfter)
    return unrolled(
      op,
      bias,
      1,
      inputs,
      speller,
      resetAfter ? afterProduct(op, null, speller) : beforeProduct(op, speller),
    );
  const [outer, inner] = halves(bias);
  return unrolled(op, outer, 1, inputs, speller, afterProduct(op, inner, speller));
};

/** The candidate sees what the reset gate leaves of the state's product. */
function afterProduct(op: Attributes<GruOp>, bias: Weight | null, speller: Speller): Cell {
  const {merge, activate, constant} = speller;
  const units = op.recurrentKernel.shape[0]!;
  const first = [0, 1, 2].map(gate => bias && constant(bias.data.subarray(gate * units, (gate + 1) * units)));
  return (projected, [h]) => {
    const [xz, xr, xc] = parts(projected, 3, speller) as [TensorId, TensorId, TensorId];
    const [hz, hr, hc] = (
      h === null ? first : parts(dense(op.recurrentKernel, bias, h!, speller), 3, speller)
    ) as Gates;
    const z = activate(op.recurrentActivation, plus(xz, hz, speller));
    const left = hc === null ? null : merge('multiply', activate(op.recurrentActivation, plus(xr, hr, speller)), hc);
    return [mixed(z, h!, activate(op.activation, plus(xc, left, speller)), speller)];
  };
}

/** The candidate sees the product of what the reset gate leaves of the state. */
function beforeProduct(op: Attributes<GruOp>, speller: Speller): Cell {
  const {merge, activate} = speller;
  const units = op.recurrentKernel.shape[0]!;
  const gates = columns(op.recurrentKernel, 0, 2 * units);
  const last = columns(op.recurrentKernel, 2 * units, units);
  return (projected, [h]) => {
    const [xz, xr, xc] = parts(projected, 3, speller) as [TensorId, TensorId, TensorId];
    if (h === null) return [mixed(activate(op.recurrentActivation, xz), null, activate(op.activation, xc), speller)];
    const [hz, hr] = parts(dense(gates, null, h!, speller), 2, speller) as [TensorId, TensorId];
    const z = activate(op.recurrentActivation, merge('add', xz, hz));
    const r = activate(op.recurrentActivation, merge('add', xr, hr));
    const candidate = merge('add', xc, dense(last, null, merge('multiply', r, h!), speller));
    return [mixed(z, h!, activate(op.activation, candidate), speller)];
  };
}

/** `z * h + (1 - z) * candidate`. */
function mixed(z: TensorId, h: Maybe, candidate: TensorId, {merge}: Speller): TensorId {
  if (h === null) return merge('subtract', candidate, merge('multiply', z, candidate));
  return merge('add', candidate, merge('multiply', z, merge('subtract', h, candidate)));
}

/** All steps one after the other; the inputs of all of them are multiplied at once. */
function unrolled(
  op: Attributes<GruOp | LstmOp | SimpleRnnOp>,
  bias: Weight | null,
  states: number,
  inputs: readonly TensorId[],
  speller: Speller,
  cell: Cell,
): readonly TensorId[] {
  const [x, ...initial] = inputs as [TensorId, ...TensorId[]];
  const {emit, shape, instances} = speller;
  const [steps] = shape(x) as [number];
  const [units] = op.recurrentKernel.shape as [number];
  const width = op.kernel.shape[1]!;
  const rows = dense(op.kernel, bias, x, speller);
  const reshape = (sizes: readonly number[], tensor: TensorId): TensorId =>
    emit({type: 'reshape', shape: sizes, instances: instances(rows)}, tensor);
  let current: readonly Maybe[] = initial.length > 0 ? initial : Array.from({length: states}, () => null);
  const sequence: TensorId[] = [];
  for (let i = 0; i < steps; i++) {
    const step = op.goBackwards ? steps - 1 - i : i;
    const row = emit({type: 'slice', begin: [step, 0], size: [1, width], strides: [1, 1]}, rows);
    current = cell(reshape([width], row), current);
    if (op.returnSequences) sequence.push(reshape([1, units], current[0]!));
  }
  const last = current as readonly TensorId[];
  const output = op.returnSequences ? emit({type: 'concat', axis: 0}, ...sequence) : last[0]!;
  return op.returnState ? [output, ...last] : [output];
}

function dense(kernel: Weight, bias: Weight | null, x: TensorId, {emit}: Speller): TensorId {
  return emit({type: 'dense', kernel, bias, activation: LINEAR}, x);
}

function product(kernel: Weight, h: Maybe, speller: Speller): Maybe {
  return h === null ? null : dense(kernel, null, h, speller);
}

function plus(a: TensorId, b: Maybe, {merge}: Speller): TensorId {
  return b === null ? a : merge('add', a, b);
}

/** The gates of a vector. */
function parts(x: TensorId, gates: number, {emit, shape}: Speller): TensorId[] {
  const size = [shape(x)[0]! / gates];
  return Array.from({length: gates}, (_, gate) =>
    emit({type: 'slice', begin: [gate * size[0]!], size, strides: [1]}, x),
  );
}

/** Some columns of a matrix. */
function columns({name, shape, data}: Weight, first: number, count: number): Weight {
  const [rows, width] = shape as [number, number];
  const values = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++)
    values.set(data.subarray(row * width + first, row * width + first + count), row * count);
  return {name, shape: [rows, count], data: values};
}

/** Of `[2, gates]` each row. */
function halves({name, data}: Weight): [Weight, Weight] {
  const size = data.length / 2;
  const half = (first: number): Weight => ({name, shape: [size], data: data.subarray(first, first + size)});
  return [half(0), half(size)];
}

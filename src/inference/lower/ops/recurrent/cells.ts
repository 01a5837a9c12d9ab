import type {Activation} from '../../../../graph/ops/activation.ts';
import type {GruOp, LstmOp, SimpleRnnOp} from '../../../../graph/ops/recurrent.ts';
import type {Weight} from '../../../../graph/tensor.ts';
import type {VectorKernel} from '../../../kernels/index.ts';
import {BINARY, UNARY} from '../../../kernels/index.ts';
import type {Emitter} from '../../../program/emitter.ts';
import {after, at, type Linear} from '../../../program/instruction.ts';
import type {Region} from '../../../value.ts';
import {activationAt, clampOf} from '../../activate.ts';
import type {Lowering, Placed} from '../../lowering.ts';
import {vectorProduct} from '../../product.ts';
import {gateColumns, spread} from './gates.ts';

/** What a cell builds on. */
export interface CellParts {
  readonly lowering: Lowering;
  readonly units: number;
  /** `units` rounded up to whole vectors: floats from gate to gate. */
  readonly width: number;
  /** The hidden state, then an LSTM's cell state. */
  readonly states: readonly Region[];
  /** Steps of one example. */
  readonly uses: number;
}

/** Emits one time step: reads (and may overwrite) the projected input at `zx`, updates the states. */
type Advance = (zx: Linear) => void;

/** One recurrent layer's step. */
export type Cell<O> = (op: O, parts: CellParts) => Advance;

/** An activation as a code for the fused kernels, and as a call of its own where it has no such code. */
interface Function1 {
  readonly code: number | null;
  readonly apply: ReturnType<typeof activationAt>;
}

export const simpleCell: Cell<SimpleRnnOp> = (op, parts) => {
  const {lowering, units, width} = parts;
  const zh = at(lowering.scratch(width * 4));
  const h = at(parts.states[0]!);
  const placed = recurrent(op.recurrentKernel, spread(op.recurrentKernel.data, units, width), 1, null, parts);
  const f = functionOf(op.activation);
  return zx => {
    multiply(lowering, placed, h, zh);
    binary(lowering, BINARY.add, zx, zh, h, width);
    f.apply?.(lowering, h, width);
  };
};

export const lstmCell: Cell<LstmOp> = (op, parts) => {
  const {lowering, width} = parts;
  const zh = at(lowering.scratch(4 * width * 4));
  const [h, c] = parts.states.map(state => at(state)) as [Linear, Linear];
  const values = spread(op.recurrentKernel.data, parts.units, width);
  const placed = recurrent(op.recurrentKernel, values, 4, null, parts);
  const [gate, cell] = [functionOf(op.recurrentActivation), functionOf(op.activation)];
  const stride = width * 4;
  return zx => {
    multiply(lowering, placed, h, zh);
    if (gate.code !== null && cell.code !== null) {
      lowering.call('lstm', zx, zh, c, h, width, stride, gate.code, cell.code);
      return;
    }
    const [forget, candidate, output] = [after(zx, stride), after(zx, 2 * stride), after(zx, 3 * stride)];
    binary(lowering, BINARY.add, zx, zh, zx, 4 * width);
    gate.apply?.(lowering, zx, 2 * width);
    cell.apply?.(lowering, candidate, width);
    gate.apply?.(lowering, output, width);
    binary(lowering, BINARY.multiply, forget, c, c, width);
    binary(lowering, BINARY.multiply, zx, candidate, candidate, width);
    binary(lowering, BINARY.add, c, candidate, c, width);
    lowering.call('unary', UNARY.linear, c, h, width, 0, 0);
    cell.apply?.(lowering, h, width);
    binary(lowering, BINARY.multiply, output, h, h, width);
  };
};

export const gruCell: Cell<GruOp> = (op, parts) => (op.resetAfter ? resetAfter : resetBefore)(op, parts);

const resetAfter: Cell<GruOp> = (op, parts) => {
  const {lowering, units, width} = parts;
  const bias = op.bias === null ? null : spread(op.bias.data.subarray(3 * units), units, width);
  const placed = recurrent(op.recurrentKernel, spread(op.recurrentKernel.data, units, width), 3, bias, parts);
  const zh = at(lowering.scratch(3 * width * 4));
  const h = at(parts.states[0]!);
  const [gate, cell] = [functionOf(op.recurrentActivation), functionOf(op.activation)];
  const stride = width * 4;
  return zx => {
    multiply(lowering, placed, h, zh);
    if (gate.code !== null && cell.code !== null) {
      lowering.call('gru', zx, zh, h, width, stride, gate.code, cell.code);
      return;
    }
    binary(lowering, BINARY.add, zx, zh, zx, 2 * width);
    gate.apply?.(lowering, zx, 2 * width);
    const summand = after(zh, 2 * stride);
    binary(lowering, BINARY.multiply, after(zx, stride), summand, summand, width);
    updateGru(lowering, zx, summand, h, width, cell);
  };
};

const resetBefore: Cell<GruOp> = (op, parts) => {
  const {lowering, units, width} = parts;
  const gates = recurrent(op.recurrentKernel, gateColumns(op, units, width, 0, 2), 2, null, parts);
  const candidate = recurrent(op.recurrentKernel, gateColumns(op, units, width, 2, 3), 1, null, parts);
  const [zh, zc, rh] = [2, 1, 1].map(blocks => at(lowering.scratch(blocks * width * 4))) as [Linear, Linear, Linear];
  const h = at(parts.states[0]!);
  const [gate, cell] = [functionOf(op.recurrentActivation), functionOf(op.activation)];
  const stride = width * 4;
  return zx => {
    multiply(lowering, gates, h, zh);
    if (gate.code !== null) lowering.call('gruReset', zx, zh, h, rh, width, stride, gate.code);
    else {
      binary(lowering, BINARY.add, zx, zh, zx, 2 * width);
      gate.apply?.(lowering, zx, 2 * width);
      binary(lowering, BINARY.multiply, after(zx, stride), h, rh, width);
    }
    multiply(lowering, candidate, rh, zc);
    if (cell.code !== null) lowering.call('gruUpdate', zx, zc, h, width, stride, cell.code);
    else updateGru(lowering, zx, zc, h, width, cell);
  };
};

/** `h = z * h + (1 - z) * activation(candidate of zx + summand)`, by general kernels. */
function updateGru(emitter: Emitter, zx: Linear, summand: Linear, h: Linear, width: number, cell: Function1): void {
  const candidate = after(zx, 2 * width * 4);
  binary(emitter, BINARY.add, candidate, summand, candidate, width);
  cell.apply?.(emitter, candidate, width);
  binary(emitter, BINARY.subtract, h, candidate, h, width);
  binary(emitter, BINARY.multiply, zx, h, h, width);
  binary(emitter, BINARY.add, h, candidate, h, width);
}

function multiply(emitter: Emitter, {region, kernel}: Placed<VectorKernel>, x: Linear, y: Linear): void {
  emitter.call(kernel, at(region), x, y, -Infinity, Infinity);
}

function binary(emitter: Emitter, op: number, a: Linear, b: Linear, y: Linear, count: number): void {
  emitter.call('binary', op, a, b, y, 1, count, 0, 0, 0, 0);
}

/** Places some gates of a recurrent kernel, `blocks` of them. */
function recurrent(
  source: Weight,
  values: Float32Array,
  blocks: number,
  bias: Float32Array | null,
  {lowering, units, width, uses}: CellParts,
): Placed<VectorKernel> {
  const matrix = {values, inputs: units, outputs: blocks * width};
  return vectorProduct(lowering, {source, matrix, bias, variant: `recurrent ${blocks}`, uses});
}

/** The fused cells take no parameters beside a code. */
function functionOf(activation: Activation): Function1 {
  const apply = activationAt(activation);
  if (activation.type === 'linear') return {code: UNARY.linear, apply};
  const [op, alpha] = (activation.type === 'relu' ? null : clampOf(activation)?.after) ?? [null, 1];
  return {code: alpha === 1 ? op : null, apply};
}

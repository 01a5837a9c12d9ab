import type {Activation} from '../../graph/ops/activation.ts';
import type {GruOp, LstmOp, SimpleRnnOp} from '../../graph/ops/recurrent.ts';
import type {Weight} from '../../graph/tensor.ts';
import type {Kernels, VectorKernel} from '../kernels/index.ts';
import {BINARY, UNARY} from '../kernels/index.ts';
import type {Region} from '../value.ts';
import {activationAt, clampOf} from './activate.ts';
import {gateColumns, spread} from './gates.ts';
import type {Lowering, Placed} from './lowering.ts';
import type {Machine} from './machine.ts';
import {vectorProduct} from './product.ts';

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

/** Does one time step: reads (and may overwrite) the projected input at `zx`, updates the states. */
type Advance = (machine: Machine, zx: number) => void;

/** One recurrent layer's step, and the kernel that does most of it. */
export type Cell<O> = (op: O, parts: CellParts) => {readonly kernel: string; readonly run: Advance};

/** An activation as a code for the fused kernels, and as a run of its own where it has no such code. */
interface Function1 {
  readonly code: number | null;
  readonly apply: ReturnType<typeof activationAt>;
}

export const simpleCell: Cell<SimpleRnnOp> = (op, parts) => {
  const zh = parts.lowering.scratch(parts.width * 4);
  const placed = recurrent(
    op.recurrentKernel,
    spread(op.recurrentKernel.data, parts.units, parts.width),
    1,
    null,
    parts,
  );
  return {kernel: placed.kernel, run: simpleStep(placed, parts.states[0]!, zh, parts.width, functionOf(op.activation))};
};

function simpleStep(
  {region, kernel}: Placed<VectorKernel>,
  h: Region,
  zh: Region,
  width: number,
  f: Function1,
): Advance {
  return (machine, zx) => {
    const {kernels} = machine;
    kernels[kernel](region.offset, h.offset, zh.offset, -Infinity, Infinity);
    binary(kernels, BINARY.add, zx, zh.offset, h.offset, width);
    f.apply?.(machine, h.offset, width);
  };
}

export const lstmCell: Cell<LstmOp> = (op, parts) => {
  const zh = parts.lowering.scratch(4 * parts.width * 4);
  const values = spread(op.recurrentKernel.data, parts.units, parts.width);
  const placed = recurrent(op.recurrentKernel, values, 4, null, parts);
  const functions = [functionOf(op.recurrentActivation), functionOf(op.activation)] as const;
  return {kernel: placed.kernel, run: lstmStep(placed, parts.states, zh, parts.width, ...functions)};
};

function lstmStep(
  {region, kernel}: Placed<VectorKernel>,
  states: readonly Region[],
  zh: Region,
  width: number,
  gate: Function1,
  cell: Function1,
): Advance {
  const [h, c] = states as [Region, Region];
  const stride = width * 4;
  return (machine, zx) => {
    const {kernels} = machine;
    kernels[kernel](region.offset, h.offset, zh.offset, -Infinity, Infinity);
    if (gate.code !== null && cell.code !== null) {
      kernels.lstm(zx, zh.offset, c.offset, h.offset, width, stride, gate.code, cell.code);
      return;
    }
    const [forget, candidate, output] = [zx + stride, zx + 2 * stride, zx + 3 * stride];
    binary(kernels, BINARY.add, zx, zh.offset, zx, 4 * width);
    gate.apply?.(machine, zx, 2 * width);
    cell.apply?.(machine, candidate, width);
    gate.apply?.(machine, output, width);
    binary(kernels, BINARY.multiply, forget, c.offset, c.offset, width);
    binary(kernels, BINARY.multiply, zx, candidate, candidate, width);
    binary(kernels, BINARY.add, c.offset, candidate, c.offset, width);
    kernels.unary(UNARY.linear, c.offset, h.offset, width, 0, 0);
    cell.apply?.(machine, h.offset, width);
    binary(kernels, BINARY.multiply, output, h.offset, h.offset, width);
  };
}

export const gruCell: Cell<GruOp> = (op, parts) => {
  const {lowering, units, width, states} = parts;
  const functions = [functionOf(op.recurrentActivation), functionOf(op.activation)] as const;
  if (op.resetAfter) {
    const bias = op.bias === null ? null : spread(op.bias.data.subarray(3 * units), units, width);
    const placed = recurrent(op.recurrentKernel, spread(op.recurrentKernel.data, units, width), 3, bias, parts);
    const zh = lowering.scratch(3 * width * 4);
    return {kernel: placed.kernel, run: resetAfterStep(placed, states[0]!, zh, width, ...functions)};
  }
  const gates = recurrent(op.recurrentKernel, gateColumns(op, units, width, 0, 2), 2, null, parts);
  const candidate = recurrent(op.recurrentKernel, gateColumns(op, units, width, 2, 3), 1, null, parts);
  const scratch = [2, 1, 1].map(blocks => lowering.scratch(blocks * width * 4));
  return {kernel: gates.kernel, run: resetBeforeStep(gates, candidate, states[0]!, scratch, width, ...functions)};
};

function resetAfterStep(
  {region, kernel}: Placed<VectorKernel>,
  h: Region,
  zh: Region,
  width: number,
  gate: Function1,
  cell: Function1,
): Advance {
  const stride = width * 4;
  return (machine, zx) => {
    const {kernels} = machine;
    kernels[kernel](region.offset, h.offset, zh.offset, -Infinity, Infinity);
    if (gate.code !== null && cell.code !== null) {
      kernels.gru(zx, zh.offset, h.offset, width, stride, gate.code, cell.code);
      return;
    }
    binary(kernels, BINARY.add, zx, zh.offset, zx, 2 * width);
    gate.apply?.(machine, zx, 2 * width);
    const summand = zh.offset + 2 * stride;
    binary(kernels, BINARY.multiply, zx + stride, summand, summand, width);
    updateGru(machine, zx, summand, h.offset, width, cell);
  };
}

function resetBeforeStep(
  gates: Placed<VectorKernel>,
  candidate: Placed<VectorKernel>,
  h: Region,
  scratch: readonly Region[],
  width: number,
  gate: Function1,
  cell: Function1,
): Advance {
  const [zh, zc, rh] = scratch as [Region, Region, Region];
  const stride = width * 4;
  return (machine, zx) => {
    const {kernels} = machine;
    kernels[gates.kernel](gates.region.offset, h.offset, zh.offset, -Infinity, Infinity);
    if (gate.code !== null) kernels.gruReset(zx, zh.offset, h.offset, rh.offset, width, stride, gate.code);
    else {
      binary(kernels, BINARY.add, zx, zh.offset, zx, 2 * width);
      gate.apply?.(machine, zx, 2 * width);
      binary(kernels, BINARY.multiply, zx + stride, h.offset, rh.offset, width);
    }
    kernels[candidate.kernel](candidate.region.offset, rh.offset, zc.offset, -Infinity, Infinity);
    if (cell.code !== null) kernels.gruUpdate(zx, zc.offset, h.offset, width, stride, cell.code);
    else updateGru(machine, zx, zc.offset, h.offset, width, cell);
  };
}

/** `h = z * h + (1 - z) * activation(candidate of zx + summand)`, by general kernels. */
function updateGru(machine: Machine, zx: number, summand: number, h: number, width: number, cell: Function1): void {
  const {kernels} = machine;
  const candidate = zx + 2 * width * 4;
  binary(kernels, BINARY.add, candidate, summand, candidate, width);
  cell.apply?.(machine, candidate, width);
  binary(kernels, BINARY.subtract, h, candidate, h, width);
  binary(kernels, BINARY.multiply, zx, h, h, width);
  binary(kernels, BINARY.add, h, candidate, h, width);
}

function binary(kernels: Kernels, op: number, a: number, b: number, y: number, count: number): void {
  kernels.binary(op, a, b, y, 1, count, 0, 0, 0, 0);
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

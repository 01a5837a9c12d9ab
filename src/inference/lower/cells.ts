import type {Activation} from '../../graph/ops/activation.ts';
import type {GruOp, LstmOp, SimpleRnnOp} from '../../graph/ops/recurrent.ts';
import type {PackedWeights, VectorKernel} from '../kernels/index.ts';
import {BINARY, UNARY} from '../kernels/index.ts';
import type {Region} from '../value.ts';
import {activationAt, clampOf} from './activate.ts';
import {gateColumns, spread} from './gates.ts';
import type {Lowering, Machine} from './lowering.ts';

/** What a cell builds on: sizes, states (h first), and the recurrent kernel packed as it asks. */
export interface CellParts {
  readonly lowering: Lowering;
  readonly units: number;
  /** `units` rounded up to whole vectors: floats from gate to gate. */
  readonly width: number;
  readonly states: readonly Region[];
  multiply(
    values: Float32Array,
    variant: string,
    columns: number,
    bias: Float32Array | null,
  ): {readonly region: Region; readonly packed: PackedWeights<VectorKernel>};
}

/** One time step of a recurrent layer: reads (and may overwrite) the projected input at `zx`, updates the states. */
export type Cell<O> = (op: O, parts: CellParts) => {readonly kernel: string; run(machine: Machine, zx: number): void};

export const simpleCell: Cell<SimpleRnnOp> = (op, {lowering, units, width, states, multiply}) => {
  const [h] = states as [Region];
  const zh = lowering.scratch(width * 4);
  const {region, packed} = multiply(spread(op.recurrentKernel.data, units, width), 'all', width, null);
  const apply = activationAt(op.activation);
  return {
    kernel: packed.kernel,
    run: (machine, zx) => {
      const {kernels} = machine;
      kernels[packed.kernel](region.offset, h.offset, zh.offset, -Infinity, Infinity);
      kernels.binary(BINARY.add, zx, zh.offset, h.offset, 1, width, 0, 0, 0, 0);
      apply?.(machine, h.offset, width);
    },
  };
};

export const lstmCell: Cell<LstmOp> = (op, {lowering, units, width, states, multiply}) => {
  const [h, c] = states as [Region, Region];
  const zh = lowering.scratch(4 * width * 4);
  const {region, packed} = multiply(spread(op.recurrentKernel.data, units, width), 'all', 4 * width, null);
  const [gateOp, cellOp] = [plainCode(op.recurrentActivation), plainCode(op.activation)];
  const [gate, cell] = [activationAt(op.recurrentActivation), activationAt(op.activation)];
  const stride = width * 4;
  return {
    kernel: packed.kernel,
    run: (machine, zx) => {
      const {kernels} = machine;
      kernels[packed.kernel](region.offset, h.offset, zh.offset, -Infinity, Infinity);
      if (gateOp !== null && cellOp !== null) {
        kernels.lstm(zx, zh.offset, c.offset, h.offset, width, stride, gateOp, cellOp);
        return;
      }
      const binary = (code: number, a: number, b: number, y: number, count = width): void =>
        kernels.binary(code, a, b, y, 1, count, 0, 0, 0, 0);
      const [forget, candidate, output] = [zx + stride, zx + 2 * stride, zx + 3 * stride];
      binary(BINARY.add, zx, zh.offset, zx, 4 * width);
      gate?.(machine, zx, 2 * width);
      cell?.(machine, candidate, width);
      gate?.(machine, output, width);
      binary(BINARY.multiply, forget, c.offset, c.offset);
      binary(BINARY.multiply, zx, candidate, candidate);
      binary(BINARY.add, c.offset, candidate, c.offset);
      kernels.unary(UNARY.linear, c.offset, h.offset, width, 0, 0);
      cell?.(machine, h.offset, width);
      binary(BINARY.multiply, output, h.offset, h.offset);
    },
  };
};

export const gruCell: Cell<GruOp> = (op, parts) =>
  op.resetAfter ? resetAfterCell(op, parts) : resetBeforeCell(op, parts);

const resetAfterCell: Cell<GruOp> = (op, {lowering, units, width, states, multiply}) => {
  const [h] = states as [Region];
  const zh = lowering.scratch(3 * width * 4);
  const bias = op.bias === null ? null : spread(op.bias.data.subarray(3 * units), units, width);
  const {region, packed} = multiply(spread(op.recurrentKernel.data, units, width), 'all', 3 * width, bias);
  const [gateOp, cellOp] = [plainCode(op.recurrentActivation), plainCode(op.activation)];
  const stride = width * 4;
  const finish = update(op, width);
  const gate = activationAt(op.recurrentActivation);
  return {
    kernel: packed.kernel,
    run: (machine, zx) => {
      const {kernels} = machine;
      kernels[packed.kernel](region.offset, h.offset, zh.offset, -Infinity, Infinity);
      if (gateOp !== null && cellOp !== null) {
        kernels.gru(zx, zh.offset, h.offset, width, stride, gateOp, cellOp);
        return;
      }
      kernels.binary(BINARY.add, zx, zh.offset, zx, 1, 2 * width, 0, 0, 0, 0);
      gate?.(machine, zx, 2 * width);
      const recurrent = zh.offset + 2 * stride;
      kernels.binary(BINARY.multiply, zx + stride, recurrent, recurrent, 1, width, 0, 0, 0, 0);
      finish(machine, zx, recurrent, h.offset);
    },
  };
};

const resetBeforeCell: Cell<GruOp> = (op, {lowering, units, width, states, multiply}) => {
  const [h] = states as [Region];
  const zh = lowering.scratch(2 * width * 4);
  const zc = lowering.scratch(width * 4);
  const rh = lowering.scratch(width * 4);
  const gates = multiply(gateColumns(op, units, width, 0, 2), 'gates', 2 * width, null);
  const candidate = multiply(gateColumns(op, units, width, 2, 3), 'candidate', width, null);
  const [gateOp, cellOp] = [plainCode(op.recurrentActivation), plainCode(op.activation)];
  const [gatesKernel, candidateKernel] = [gates.packed.kernel, candidate.packed.kernel];
  const stride = width * 4;
  const finish = update(op, width);
  const gate = activationAt(op.recurrentActivation);
  return {
    kernel: gatesKernel,
    run: (machine, zx) => {
      const {kernels} = machine;
      kernels[gatesKernel](gates.region.offset, h.offset, zh.offset, -Infinity, Infinity);
      if (gateOp !== null) kernels.gruReset(zx, zh.offset, h.offset, rh.offset, width, stride, gateOp);
      else {
        kernels.binary(BINARY.add, zx, zh.offset, zx, 1, 2 * width, 0, 0, 0, 0);
        gate?.(machine, zx, 2 * width);
        kernels.binary(BINARY.multiply, zx + stride, h.offset, rh.offset, 1, width, 0, 0, 0, 0);
      }
      kernels[candidateKernel](candidate.region.offset, rh.offset, zc.offset, -Infinity, Infinity);
      if (cellOp !== null) kernels.gruUpdate(zx, zc.offset, h.offset, width, stride, cellOp);
      else finish(machine, zx, zc.offset, h.offset);
    },
  };
};

/** `h = z * h + (1 - z) * activation(candidate of zx + recurrent)`, z active already, by general kernels. */
function update(op: GruOp, width: number): (machine: Machine, zx: number, recurrent: number, h: number) => void {
  const cell = activationAt(op.activation);
  return (machine, zx, recurrent, h) => {
    const {kernels} = machine;
    const binary = (code: number, a: number, b: number, y: number): void =>
      kernels.binary(code, a, b, y, 1, width, 0, 0, 0, 0);
    const candidate = zx + 2 * width * 4;
    binary(BINARY.add, candidate, recurrent, candidate);
    cell?.(machine, candidate, width);
    // h - candidate, times z, plus candidate.
    binary(BINARY.subtract, h, candidate, h);
    binary(BINARY.multiply, zx, h, h);
    binary(BINARY.add, h, candidate, h);
  };
}

/** The code of an activation for the fused cells, which take no parameters; null where it needs one. */
function plainCode(activation: Activation): number | null {
  if (activation.type === 'linear') return UNARY.linear;
  if (activation.type === 'relu') return null;
  const [op, alpha] = clampOf(activation)?.after ?? [null, 1];
  return alpha === 1 ? op : null;
}

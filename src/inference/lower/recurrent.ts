import type {GruOp, LstmOp, SimpleRnnOp} from '../../graph/ops/recurrent.ts';
import type {Weight} from '../../graph/tensor.ts';
import {chooseFormat, countFormats} from '../choose.ts';
import type {WeightMatrix} from '../kernels/index.ts';
import {packPixels, packVector} from '../kernels/index.ts';
import type {Region, Value} from '../value.ts';
import {flat, planeOf, planes} from '../value.ts';
import type {Cell} from './cells.ts';
import {gruCell, lstmCell, simpleCell} from './cells.ts';
import {pixelFormat} from './dense.ts';
import {spread} from './gates.ts';
import type {Lower, Lowering, Machine} from './lowering.ts';

/** From this many time steps on, the inputs of all of them are multiplied at once, as pixels. */
const MIN_STEPS_AS_PIXELS = 8;

type RecurrentOp = GruOp | LstmOp | SimpleRnnOp;

export const lowerSimpleRnn: Lower<SimpleRnnOp> = (op, lowering) => recur(op, lowering, 1, op.bias, simpleCell);

export const lowerLstm: Lower<LstmOp> = (op, lowering) => recur(op, lowering, 4, op.bias, lstmCell);

export const lowerGru: Lower<GruOp> = (op, lowering) => {
  const bias =
    op.bias !== null && op.resetAfter ? {...op.bias, data: op.bias.data.subarray(0, op.bias.data.length / 2)} : op.bias;
  recur(op, lowering, 3, bias, gruCell);
};

/** Gates are padded to whole vectors, so that each starts at one. */
function recur<O extends RecurrentOp>(
  op: O,
  lowering: Lowering,
  gates: number,
  bias: Weight | null,
  cellOf: Cell<O>,
): void {
  const units = op.recurrentKernel.shape[0]!;
  const width = Math.ceil(units / 4) * 4;
  const {shape, instances} = lowering.tensor(op.inputs[0]!);
  const steps = shape[0]!;
  const rows = lowering.scratch(steps * gates * width * 4);
  const matrix = {values: spread(op.kernel.data, units, width), inputs: op.kernel.shape[0]!, outputs: gates * width};
  const project = projection(op, lowering, matrix, bias && spread(bias.data, units, width), rows, steps);
  const states = Array.from({length: op.type === 'lstm' ? 2 : 1}, () => lowering.scratch(width * 4));
  const initial = op.inputs.slice(1).map(id => lowering.read(id, 'flat'));
  const multiply = (values: Float32Array, variant: string, columns: number, summand: Float32Array | null) => {
    const square: WeightMatrix = {values, inputs: units, outputs: columns};
    const source = {data: op.recurrentKernel.data, variant, uses: steps * instances};
    return lowering.weights(source, () =>
      packVector(chooseFormat(countFormats(square), 'vector'), square, summand ?? undefined),
    );
  };
  const cell = cellOf(op, {lowering, units, width, multiply, states});
  const outputs = op.outputs.map(id => lowering.write(id, flat(lowering.tensor(id).shape, lowering.instancesOf(id))));
  lowering.run(cell.kernel, (machine, examples) => {
    for (let i = 0; i < examples * instances; i++) {
      project(machine, i);
      states.forEach((state, k) => {
        load(machine, state, initial[k], units, i);
      });
      for (let step = 0; step < steps; step++) {
        const t = op.goBackwards ? steps - 1 - step : step;
        cell.run(machine, rows.offset + t * gates * width * 4);
        if (op.returnSequences || step === steps - 1)
          store(machine, states[0]!, outputs[0]!, units, i, op.returnSequences ? step : 0);
      }
      if (op.returnState)
        states.forEach((state, k) => {
          store(machine, state, outputs[k + 1]!, units, i, 0);
        });
    }
  });
}

/** Rows of `width * gates` for each step: input times kernel, plus bias. */
function projection(
  op: RecurrentOp,
  lowering: Lowering,
  matrix: WeightMatrix,
  bias: Float32Array | null,
  rows: Region,
  steps: number,
): (machine: Machine, instance: number) => void {
  const {inputs, outputs} = matrix;
  const {instances} = lowering.tensor(op.inputs[0]!);
  const uses = steps * instances;
  if (steps < MIN_STEPS_AS_PIXELS) {
    const x = lowering.read(op.inputs[0]!, 'flat');
    const source = {data: op.kernel.data, variant: 'gates', uses};
    const pack = () => packVector(chooseFormat(countFormats(matrix), 'vector'), matrix, bias ?? undefined);
    const {region, packed} = lowering.weights(source, pack);
    return ({kernels}, instance) => {
      const from = x.region.offset + instance * x.instance;
      for (let t = 0; t < steps; t++) {
        kernels[packed.kernel](
          region.offset,
          from + t * inputs * 4,
          rows.offset + t * outputs * 4,
          -Infinity,
          Infinity,
        );
      }
    };
  }
  const x = lowering.read(op.inputs[0]!, 'planes');
  const {bytes, ...between} = planes([steps, outputs], 1);
  const image: Value = {...between, region: lowering.scratch(bytes)};
  const source = {data: op.kernel.data, variant: `gates ${planeOf(x)} ${planeOf(image)}`, uses};
  const inputOffsets = Uint32Array.from({length: inputs}, (_, c) => c * planeOf(x));
  const pack = () =>
    packPixels(pixelFormat(matrix), matrix, bias ?? undefined, {inputOffsets, outputStride: planeOf(image)});
  const {region, packed} = lowering.weights(source, pack);
  return ({kernels}, instance) => {
    const from = x.region.offset + instance * x.instance;
    kernels[packed.kernel](region.offset, from, image.region.offset, steps, -Infinity, Infinity);
    kernels.transpose(image.region.offset, rows.offset, outputs, steps, planeOf(image), outputs * 4);
  };
}

function load({floats}: Machine, state: Region, from: Value | undefined, units: number, instance: number): void {
  const at = state.offset / 4;
  if (from === undefined) floats.fill(0, at, at + state.bytes / 4);
  else {
    const source = (from.region.offset + instance * from.instance) / 4;
    floats.copyWithin(at, source, source + units);
  }
}

function store({floats}: Machine, state: Region, to: Value, units: number, instance: number, row: number): void {
  const at = state.offset / 4;
  floats.copyWithin((to.region.offset + instance * to.instance) / 4 + row * units, at, at + units);
}

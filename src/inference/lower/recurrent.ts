import type {GruOp, LstmOp, SimpleRnnOp} from '../../graph/ops/recurrent.ts';
import type {Weight} from '../../graph/tensor.ts';
import type {PixelsKernel, VectorKernel} from '../kernels/index.ts';
import type {Region, Value} from '../value.ts';
import {flat, planeOf, planes} from '../value.ts';
import type {Cell} from './cells.ts';
import {gruCell, lstmCell, simpleCell} from './cells.ts';
import {spread} from './gates.ts';
import type {Lower, Lowering, Placed} from './lowering.ts';
import type {Machine, Run} from './machine.ts';
import type {Product} from './product.ts';
import {pixelProduct, vectorProduct} from './product.ts';

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
  const matrix = {values: spread(op.kernel.data, units, width), inputs: op.kernel.shape[0]!, outputs: gates * width};
  const product: Product = {
    source: op.kernel,
    matrix,
    bias: bias && spread(bias.data, units, width),
    variant: 'gates',
    uses: steps * instances,
  };
  const rows = lowering.scratch(steps * gates * width * 4);
  const project = (steps < MIN_STEPS_AS_PIXELS ? projectSteps : projectImage)(op, lowering, product, rows, steps);
  const states = Array.from({length: op.type === 'lstm' ? 2 : 1}, () => lowering.scratch(width * 4));
  const initial = op.inputs.slice(1).map(id => lowering.read(id, 'flat'));
  const cell = cellOf(op, {lowering, units, width, states, uses: steps * instances});
  const outputs = op.outputs.map(id => lowering.write(id, flat(lowering.tensor(id).shape, lowering.instancesOf(id))));
  const {goBackwards, returnSequences, returnState} = op;
  const sequence = {
    rows,
    rowBytes: gates * width * 4,
    steps,
    units,
    instances,
    goBackwards,
    returnSequences,
    returnState,
  };
  lowering.run(cell.kernel, walk(sequence, project, cell.run, states, initial, outputs));
}

/** How a recurrent layer goes over its steps. */
interface Sequence extends Pick<RecurrentOp, 'goBackwards' | 'returnSequences' | 'returnState'> {
  /** Projected inputs, one row a step. */
  readonly rows: Region;
  readonly rowBytes: number;
  readonly steps: number;
  readonly units: number;
  readonly instances: number;
}

function walk(
  {rows, rowBytes, steps, units, instances, goBackwards, returnSequences, returnState}: Sequence,
  project: Projection,
  cell: (machine: Machine, zx: number) => void,
  states: readonly Region[],
  initial: readonly Value[],
  outputs: readonly Value[],
): Run {
  return (machine, examples) => {
    for (let i = 0; i < examples * instances; i++) {
      project(machine, i);
      for (let k = 0; k < states.length; k++) load(machine, states[k]!, initial[k], units, i);
      for (let step = 0; step < steps; step++) {
        cell(machine, rows.offset + (goBackwards ? steps - 1 - step : step) * rowBytes);
        if (returnSequences || step === steps - 1)
          store(machine, states[0]!, outputs[0]!, units, i, returnSequences ? step : 0);
      }
      if (!returnState) continue;
      for (let k = 0; k < states.length; k++) store(machine, states[k]!, outputs[k + 1]!, units, i, 0);
    }
  };
}

/** Fills the rows of one instance: input times kernel, plus bias. */
type Projection = (machine: Machine, instance: number) => void;

const FREE = {low: -Infinity, high: Infinity} as const;

function projectSteps(op: RecurrentOp, lowering: Lowering, product: Product, rows: Region, steps: number): Projection {
  const x = lowering.read(op.inputs[0]!, 'flat');
  const placed = vectorProduct(lowering, product);
  const {inputs, outputs} = product.matrix;
  return multiplySteps(placed, x, rows, steps, inputs * 4, outputs * 4);
}

function multiplySteps(
  {region, kernel}: Placed<VectorKernel>,
  x: Value,
  rows: Region,
  steps: number,
  inputBytes: number,
  rowBytes: number,
): Projection {
  return ({kernels}, instance) => {
    const from = x.region.offset + instance * x.instance;
    for (let t = 0; t < steps; t++) {
      kernels[kernel](region.offset, from + t * inputBytes, rows.offset + t * rowBytes, FREE.low, FREE.high);
    }
  };
}

function projectImage(op: RecurrentOp, lowering: Lowering, product: Product, rows: Region, steps: number): Projection {
  const x = lowering.read(op.inputs[0]!, 'planes');
  const {inputs, outputs} = product.matrix;
  const {bytes, ...arrangement} = planes([steps, outputs], 1);
  const image: Value = {...arrangement, region: lowering.scratch(bytes)};
  const inputOffsets = Uint32Array.from({length: inputs}, (_, c) => c * planeOf(x));
  const geometry = {inputOffsets, outputStride: planeOf(image)};
  const variant = `gates ${planeOf(x)} ${planeOf(image)}`;
  const placed = pixelProduct(lowering, {...product, variant}, geometry, steps);
  return multiplyImage(placed, x, image, rows, steps, outputs);
}

function multiplyImage(
  {region, kernel}: Placed<PixelsKernel>,
  x: Value,
  image: Value,
  rows: Region,
  steps: number,
  outputs: number,
): Projection {
  return ({kernels}, instance) => {
    const from = x.region.offset + instance * x.instance;
    kernels[kernel](region.offset, from, image.region.offset, steps, FREE.low, FREE.high);
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

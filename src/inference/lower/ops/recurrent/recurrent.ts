import type {GruOp, LstmOp, SimpleRnnOp} from '../../../../graph/ops/recurrent.ts';
import type {Weight} from '../../../../graph/tensor.ts';
import {along, at, type Counter, instanceOf, type Linear} from '../../../program/instruction.ts';
import type {Region, Value} from '../../../value.ts';
import {flat, planeOf, planes} from '../../../value.ts';
import type {Lower, Lowering} from '../../lowering.ts';
import type {Product} from '../../product.ts';
import {pixelProduct, vectorProduct} from '../../product.ts';
import type {Cell} from './cells.ts';
import {gruCell, lstmCell, simpleCell} from './cells.ts';
import {spread} from './gates.ts';

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
  const advance = cellOf(op, {lowering, units, width, states, uses: steps * instances});
  const outputs = op.outputs.map(id => lowering.write(id, flat(lowering.tensor(id).shape, lowering.instancesOf(id))));
  const rowBytes = gates * width * 4;
  const {goBackwards, returnSequences, returnState} = op;
  const store = (state: Region, to: Linear): void => lowering.call('move', at(state), to, units);
  lowering.each(instances, i => {
    project(i);
    states.forEach((state, k) => {
      load(lowering, state, initial[k], units, i);
    });
    lowering.loop(steps, step => {
      const row = goBackwards
        ? along(at(rows, (steps - 1) * rowBytes), step, -rowBytes)
        : along(at(rows), step, rowBytes);
      advance(row);
      if (returnSequences) store(states[0]!, along(instanceOf(outputs[0]!, i), step, units * 4));
    });
    if (!returnSequences) store(states[0]!, instanceOf(outputs[0]!, i));
    if (!returnState) return;
    states.forEach((state, k) => {
      store(state, instanceOf(outputs[k + 1]!, i));
    });
  });
}

/** Fills the rows of one instance: input times kernel, plus bias. */
type Projection = (instance: Counter) => void;

function projectSteps(op: RecurrentOp, lowering: Lowering, product: Product, rows: Region, steps: number): Projection {
  const x = lowering.read(op.inputs[0]!, 'flat');
  const {region, kernel} = vectorProduct(lowering, product);
  const {inputs, outputs} = product.matrix;
  return instance => {
    lowering.loop(steps, step => {
      const from = along(instanceOf(x, instance), step, inputs * 4);
      lowering.call(kernel, at(region), from, along(at(rows), step, outputs * 4), -Infinity, Infinity);
    });
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
  const {region, kernel} = pixelProduct(lowering, {...product, variant}, geometry, steps);
  return instance => {
    lowering.call(kernel, at(region), instanceOf(x, instance), at(image.region), steps, -Infinity, Infinity);
    lowering.call('transpose', at(image.region), at(rows), outputs, steps, planeOf(image), outputs * 4);
  };
}

function load(lowering: Lowering, state: Region, from: Value | undefined, units: number, instance: Counter): void {
  if (from === undefined) lowering.call('fill', at(state), state.bytes / 4, 0);
  else lowering.call('move', instanceOf(from, instance), at(state), units);
}

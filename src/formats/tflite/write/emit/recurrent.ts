import type {LstmOp, SimpleRnnOp} from '../../../../graph/ops/recurrent.ts';
import type {Weight} from '../../../../graph/tensor.ts';
import {FUSED_ACTIVATIONS} from '../../schema.ts';
import type {Draft, Emit} from '../draft.ts';

/** An input that is left out. */
const NONE = -1;

/** Inputs that give a cell more than Keras knows: peepholes, a projection, normalisations of the gates. */
const none = (count: number): number[] => new Array<number>(count).fill(NONE);

/** Gates in the order of Keras; two states, which the runtime keeps from one call to the next. */
export const emitLstm: Emit<LstmOp> = (op, draft) => {
  const [units] = op.recurrentKernel.shape as [number];
  const shape = draft.shapeOf(op.outputs[0]!);
  const state = [shape[0]!, units];
  const gates = [0, 1, 2, 3];
  const operands = [
    draft.read(op.inputs[0]!),
    ...gates.map(gate => gateKernel(op.kernel, gate, units, draft)),
    ...gates.map(gate => gateKernel(op.recurrentKernel, gate, units, draft)),
    ...none(3),
    ...gates.map(gate => draft.bias(op.bias && part(op.bias, gate * units, units), units)),
    ...none(2),
    ...[draft.variable('h', state), draft.variable('c', state)],
    ...none(4),
  ];
  const options = {cellClip: 0, projectionClip: 0, timeMajor: false, asymmetricInputs: false};
  return draft.add('UNIDIRECTIONAL_SEQUENCE_LSTM', operands, shape, {activation: FUSED_ACTIVATIONS.tanh, ...options});
};

/** One state, which the runtime keeps from one call to the next. */
export const emitSimpleRnn: Emit<SimpleRnnOp> = (op, draft) => {
  const [units] = op.recurrentKernel.shape as [number];
  const shape = draft.shapeOf(op.outputs[0]!);
  const operands = [
    draft.read(op.inputs[0]!),
    gateKernel(op.kernel, 0, units, draft),
    gateKernel(op.recurrentKernel, 0, units, draft),
    draft.bias(op.bias, units),
    draft.variable('h', [shape[0]!, units]),
  ];
  return draft.add('UNIDIRECTIONAL_SEQUENCE_RNN', operands, shape, {
    timeMajor: false,
    activation: FUSED_ACTIVATIONS.tanh,
  });
};

/** The columns of one gate, `[units, in]`. */
function gateKernel({name, shape, data}: Weight, gate: number, units: number, draft: Draft): number {
  const [inputs, width] = shape as [number, number];
  const values = new Float32Array(inputs * units);
  for (let row = 0; row < inputs; row++)
    values.set(data.subarray(row * width + gate * units, row * width + (gate + 1) * units), row * units);
  const kernel = {name, shape: [inputs, units], data: values};
  return draft.kernel(kernel, {shape: [units, inputs], channels: 0, order: 'outputs-first'});
}

function part({name, data}: Weight, first: number, size: number): Weight {
  return {name, shape: [size], data: data.subarray(first, first + size)};
}

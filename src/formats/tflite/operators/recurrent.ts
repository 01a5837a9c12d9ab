import type {Weight} from '../../../graph/tensor.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {reshaped} from '../../fold/arrange.ts';
import {outputsLast} from '../../fold/arranged.ts';
import {arrangedWeight, emit, flowing, tensorOf} from '../../fold/site.ts';
import type {Value} from '../../fold/value.ts';
import {activationOf} from './activation.ts';
import {
  constantInput,
  flagOption,
  hasInput,
  inputOf,
  misfit,
  numberOption,
  type OperatorCall,
  type OperatorImporter,
  unsupported,
} from './operator.ts';

/** Forms of an LSTM that the graph lacks, by the inputs that they bring. */
const MORE_OF_LSTM: readonly (readonly [from: number, to: number, what: string])[] = [
  [9, 11, 'peepholes'],
  [16, 17, 'a projection'],
  [20, 23, 'normalised gates'],
];
/** Converters clip the state here, which Keras does not; the graph does as Keras. */
const USUAL_CLIP = 10;

/**
 * Inputs: sequence; kernels of the gates i, f, c, o `[units, in]`; recurrent kernels; peepholes; biases; projection;
 * states, which every run begins with at zero.
 */
export const lstm: OperatorImporter = call => {
  for (const [from, to, what] of MORE_OF_LSTM)
    for (let i = from; i <= to; i++) if (hasInput(call, i)) throw unsupported(call, `has ${what}.`);
  if (!hasInput(call, 1)) throw unsupported(call, 'couples its input and forget gates.');
  const clip = numberOption(call, 'cellClip');
  if (clip !== 0 && clip < USUAL_CLIP) throw unsupported(call, `clips its state at ${clip}.`);
  const bias = [12, 13, 14, 15].some(index => hasInput(call, index)) ? gates(call, [12, 13, 14, 15]) : null;
  const weights = {kernel: gates(call, [1, 2, 3, 4]), recurrentKernel: gates(call, [5, 6, 7, 8]), bias};
  return [overTime(call, {type: 'lstm', ...weights, recurrentActivation: {type: 'sigmoid'}})];
};

/** Inputs: sequence, kernel `[units, in]`, recurrent kernel, bias, state. */
export const simpleRnn: OperatorImporter = call => {
  const bias = hasInput(call, 3) ? gates(call, [3]) : null;
  return [overTime(call, {type: 'simple-rnn', kernel: gates(call, [1]), recurrentKernel: gates(call, [2]), bias})];
};

type Cell =
  | {type: 'lstm'; kernel: Weight; recurrentKernel: Weight; bias: Weight | null; recurrentActivation: {type: 'sigmoid'}}
  | {type: 'simple-rnn'; kernel: Weight; recurrentKernel: Weight; bias: Weight | null};

/** The whole sequence of outputs `[1, time, units]`, or `[time, 1, units]` where time is the first dimension. */
function overTime(call: OperatorCall, cell: Cell): Value {
  const given = inputOf(call, 0);
  const isTimeMajor = flagOption(call, 'timeMajor');
  const [time, inputs] = [given.shape[isTimeMajor ? 0 : 1], given.shape[2]];
  if (given.shape.length !== 3 || given.shape[isTimeMajor ? 1 : 0] !== 1 || time === undefined || inputs === undefined)
    throw unsupported(call, `has a sequence [${given.shape}], which must be of one example.`);
  const sequence = reshaped(call.at, given, [1, time, inputs]);
  const activation = activationOf(call, numberOption(call, 'activation'));
  const rest = {activation, goBackwards: false, returnSequences: true, returnState: false} as const;
  const id = emit(call.at, {...cell, ...rest}, [tensorOf(call.at, sequence)]);
  const units = cell.recurrentKernel.shape[0]!;
  const output = flowing(call.at, id, [1, time, units]);
  return isTimeMajor ? reshaped(call.at, output, [time, 1, units]) : output;
}

/** Matrices `[units, in]`, or vectors, of each gate as one: `[in, gates * units]`, or `[gates * units]`. */
function gates(call: OperatorCall, indices: readonly number[]): Weight {
  const parts = indices.map(index => constantInput(call, index));
  const [first] = parts as [(typeof parts)[number]];
  const [units = 0, inputs] = first.shape;
  if (
    sizeOf(first.shape) === 0 ||
    first.shape.length > 2 ||
    parts.some(({shape}) => String(shape) !== String(first.shape))
  )
    throw misfit(call, `has gates ${parts.map(({shape}) => `[${shape}]`).join(', ')}.`);
  const width = units * parts.length;
  const shape = inputs === undefined ? [width] : [inputs, width];
  const name = `gates with ${indices.slice(1).map(index => call.operator.inputs[index])}`;
  return arrangedWeight(call.at, first, name, shape, () => {
    const all = new Float32Array(sizeOf(shape));
    parts.forEach(({data}, i) => {
      all.set(data, i * data.length);
    });
    return inputs === undefined ? all : outputsLast(all, width);
  });
}

import {type Activation, RELU} from '../../../graph/ops/activation.ts';
import type {GruOp, LstmOp, SimpleRnnOp} from '../../../graph/ops/recurrent.ts';
import type {TensorId, Weight} from '../../../graph/tensor.ts';
import {joined, parted, reshaped, transposed} from '../../fold/arrange.ts';
import {arrangedWeight, emit, flowing, tensorOf} from '../../fold/site.ts';
import {constantOf, type Value} from '../../fold/value.ts';
import {inFileOrder} from '../layouts.ts';
import {hardSigmoidOf} from './activation.ts';
import {
  constantInput,
  fileInput,
  hasInput,
  intAttribute,
  misfit,
  type NodeCall,
  type NodeImporter,
  textAttribute,
  unsupported,
} from './operator.ts';

/** What the three kinds of recurrent nodes differ in. */
interface Kind {
  readonly type: 'gru' | 'lstm' | 'simple-rnn';
  /** The gates in the order of the graph, as places among the file's. */
  readonly gates: readonly number[];
  readonly states: number;
  /** Activations of the gates, of the candidate and, where there are three, of the output. */
  readonly activations: readonly string[];
}

/** The file has input, output, forget, candidate. */
const LSTM: Kind = {type: 'lstm', gates: [0, 2, 3, 1], states: 2, activations: ['Sigmoid', 'Tanh', 'Tanh']};
const GRU: Kind = {type: 'gru', gates: [0, 1, 2], states: 1, activations: ['Sigmoid', 'Tanh']};
const RNN: Kind = {type: 'simple-rnn', gates: [0], states: 1, activations: ['Tanh']};

/**
 * Inputs: sequence `[time, 1, in]`, kernels `[directions, gates * units, in]`, recurrent kernels, biases
 * `[directions, 2 * gates * units]`, lengths, initial states `[directions, 1, units]`, peepholes. Outputs: sequence
 * `[time, directions, 1, units]`, last states. With `layout` 1 the batch comes first.
 */
const recurrent =
  (kind: Kind): NodeImporter =>
  call => {
    checkForm(call, kind);
    const isBatchFirst = intAttribute(call, 'layout', 0) === 1;
    const given = fileInput(call, 0);
    const [time, batch, inputs] = isBatchFirst ? [1, 0, 2].map(axis => given.shape[axis]) : given.shape;
    if (given.shape.length !== 3 || batch !== 1 || time === undefined || inputs === undefined)
      throw unsupported(call, `has a sequence [${given.shape}], which must be of one example.`);
    const sequence = tensorOf(call.at, reshaped(call.at, given, [1, time, inputs]));
    const [directions = 0, units = 0] = [constantInput(call, 2).shape[0], constantInput(call, 2).shape[2]];
    const way = textAttribute(call, 'direction', 'forward');
    const backwards = way === 'bidirectional' ? [false, true] : [way === 'reverse'];
    if (backwards.length !== directions) throw misfit(call, `has ${directions} directions, but runs '${way}'.`);
    const states = initialStates(call, kind, directions);
    const results = backwards.map((isBackwards, direction) =>
      overTime(call, {kind, direction, directions, isBackwards, sequence, units, time, initial: states[direction]!}),
    );
    const outputs = results[0]!.map((_, i) =>
      joined(
        call.at,
        results.map(result => result[i]!),
        i === 0 ? 1 : 0,
      ),
    );
    if (!isBatchFirst) return outputs.map(inFileOrder);
    return outputs.map((value, i) => inFileOrder(transposed(call.at, value, i === 0 ? [2, 0, 1, 3] : [1, 0, 2])));
  };

export const lstm: NodeImporter = recurrent(LSTM);
export const gru: NodeImporter = recurrent(GRU);
export const simpleRnn: NodeImporter = recurrent(RNN);

function checkForm(call: NodeCall, {type}: Kind): void {
  const {attributes} = call.node;
  if ((attributes.get('clip')?.float ?? 0) !== 0) throw unsupported(call, 'clips its gates.');
  if (intAttribute(call, 'input_forget', 0) !== 0) throw unsupported(call, 'couples its input and forget gates.');
  if (type === 'lstm' && hasInput(call, 7) && !isZero(fileInput(call, 7))) throw unsupported(call, 'has peepholes.');
  if (!hasInput(call, 4)) return;
  const lengths = constantInput(call, 4);
  const time = fileInput(call, 0).shape[intAttribute(call, 'layout', 0) === 1 ? 1 : 0];
  if (Array.from(lengths.data).some(length => length !== time))
    throw unsupported(call, `reads [${Array.from(lengths.data)}] of ${time} steps.`);
}

/** Whether a value that may be left out is zeros. */
function isZero(value: Value | null): boolean {
  return value === null || (value.kind === 'constant' && Array.from(value.data).every(number => number === 0));
}

/** The states to begin with, each `[1, units]`, of each direction; none where they are zeros. */
function initialStates(call: NodeCall, {states}: Kind, directions: number): Value[][] {
  const given = Array.from({length: states}, (_, i) => (hasInput(call, 5 + i) ? fileInput(call, 5 + i) : null));
  const none = Array.from({length: directions}, (): Value[] => []);
  if (given.every(isZero)) return none;
  const isBatchFirst = intAttribute(call, 'layout', 0) === 1;
  const units = constantInput(call, 2).shape[2]!;
  const ones = Array.from({length: directions}, () => 1);
  for (const value of given) {
    const whole = value ?? constantOf('zeros', [directions, 1, units], new Float32Array(directions * units));
    const parts = parted(call.at, whole, isBatchFirst && value !== null ? 1 : 0, ones);
    parts.forEach((part, direction) => {
      none[direction]!.push(reshaped(call.at, part, [1, units]));
    });
  }
  return none;
}

interface OneWay {
  readonly kind: Kind;
  readonly direction: number;
  readonly directions: number;
  readonly isBackwards: boolean;
  readonly sequence: TensorId;
  readonly units: number;
  readonly time: number;
  readonly initial: readonly Value[];
}

/** The sequence `[time, 1, 1, units]` and the last states `[1, 1, units]` of one direction. */
function overTime(call: NodeCall, way: OneWay): Value[] {
  const {kind, isBackwards, sequence, units, time, initial} = way;
  const shared = {
    kernel: matrix(call, 1, way),
    recurrentKernel: matrix(call, 2, way),
    activation: activationsOf(call, way).at(-1)!,
    goBackwards: isBackwards,
    returnSequences: true,
    returnState: true,
  };
  const ids = call.at.builder.emit(call.at.name, cellOf(call, way, shared), [
    sequence,
    ...initial.map(state => tensorOf(call.at, state)),
  ]);
  const [steps, ...states] = ids as [TensorId, ...TensorId[]];
  // The graph leaves what is read backwards in the order of reading.
  const inOrder = isBackwards ? emit(call.at, {type: 'reverse'}, [steps]) : steps;
  return [
    reshaped(call.at, flowing(call.at, inOrder, [1, time, units]), [time, 1, 1, units]),
    ...states.map(id => reshaped(call.at, flowing(call.at, id, [1, units]), [1, 1, units])).slice(0, kind.states),
  ];
}

type Shared = Pick<
  LstmOp,
  'kernel' | 'recurrentKernel' | 'activation' | 'goBackwards' | 'returnSequences' | 'returnState'
>;
type Cell =
  | Omit<LstmOp, 'layer' | 'inputs' | 'outputs'>
  | Omit<GruOp, 'layer' | 'inputs' | 'outputs'>
  | Omit<SimpleRnnOp, 'layer' | 'inputs' | 'outputs'>;

function cellOf(call: NodeCall, way: OneWay, shared: Shared): Cell {
  const {type} = way.kind;
  const [recurrentActivation] = activationsOf(call, way) as [Activation];
  if (type === 'simple-rnn') return {type, ...shared, bias: biasOf(call, way, false)};
  if (type === 'lstm') return {type, ...shared, bias: biasOf(call, way, false), recurrentActivation};
  const resetAfter = intAttribute(call, 'linear_before_reset', 0) !== 0;
  return {type, ...shared, bias: biasOf(call, way, resetAfter), recurrentActivation, resetAfter};
}

/** The activations of one direction, of which the graph has two: of the gates, and of all else. */
function activationsOf(call: NodeCall, {kind, direction}: OneWay): Activation[] {
  const {activations: usual} = kind;
  const own = call.node.attributes.get('activations')?.texts ?? [];
  const names = own.length > 0 ? own.slice(direction * usual.length, (direction + 1) * usual.length) : usual;
  if (names.length !== usual.length || (names[2] ?? names[1]) !== names[1])
    throw unsupported(call, `has the activations ${names.join(', ')}.`);
  return names.slice(0, 2).map(name => {
    const activation = ACTIVATIONS[name.toLowerCase()];
    if (activation === undefined || call.node.attributes.has('activation_alpha'))
      throw unsupported(call, `has the activations ${names.join(', ')}.`);
    return activation;
  });
}

const ACTIVATIONS: {readonly [name: string]: Activation | undefined} = {
  hardsigmoid: hardSigmoidOf(0.2, 0.5)!,
  relu: RELU,
  sigmoid: {type: 'sigmoid'},
  softplus: {type: 'softplus'},
  softsign: {type: 'softsign'},
  tanh: {type: 'tanh'},
};

/** `[gates * units, in]` of one direction as `[in, gates * units]`, gates in the order of the graph. */
function matrix(call: NodeCall, index: number, {kind, direction, directions, units}: OneWay): Weight {
  const constant = constantInput(call, index);
  const width = kind.gates.length * units;
  const [ways, rows, inputs = 0] = constant.shape;
  if (constant.shape.length !== 3 || ways !== directions || rows !== width || width === 0)
    throw misfit(call, `has [${constant.shape}] as input ${index}, which must be [${directions}, ${width}, inputs].`);
  const name = `${kind.type} gates of direction ${direction}`;
  return arrangedWeight(call.at, constant, name, [inputs, width], data => {
    const arranged = new Float32Array(inputs * width);
    kind.gates.forEach((gate, to) => {
      for (let unit = 0; unit < units; unit++) {
        const from = (direction * width + gate * units + unit) * inputs;
        for (let i = 0; i < inputs; i++) arranged[i * width + to * units + unit] = data[from + i]!;
      }
    });
    return arranged;
  });
}

/** The biases of inputs and of states: one after another, or added. */
function biasOf(call: NodeCall, {kind, direction, directions, units}: OneWay, isApart: boolean): Weight | null {
  if (!hasInput(call, 3)) return null;
  const constant = constantInput(call, 3);
  const width = kind.gates.length * units;
  if (constant.data.length !== directions * 2 * width)
    throw misfit(call, `has [${constant.shape}] as input 3, which must be [${directions}, ${2 * width}].`);
  const name = `${kind.type} biases of direction ${direction}, ${isApart ? 'apart' : 'added'}`;
  return arrangedWeight(call.at, constant, name, isApart ? [2, width] : [width], data => {
    const arranged = new Float32Array(isApart ? 2 * width : width);
    kind.gates.forEach((gate, to) => {
      for (let unit = 0; unit < units; unit++) {
        const from = direction * 2 * width + gate * units + unit;
        const [place, first, second] = [to * units + unit, data[from]!, data[from + width]!];
        arranged[place] = isApart ? first : first + second;
        if (isApart) arranged[width + place] = second;
      }
    });
    return arranged;
  });
}

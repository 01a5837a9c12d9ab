import type {Use} from '../../artifacts/open-model.ts';
import type {Axes, Role} from '../../artifacts/roles.ts';
import type {TfliteGraph, TfliteOperator} from './read-model.ts';

/** What an operator takes at one of its inputs, and which axes of it run over inputs and outputs. */
interface Slot extends Axes {
  readonly weight: string;
  readonly role: Role;
  /** Dimensions that it must have; any for vectors. */
  readonly rank?: number;
}

/** Slots by the index of the input. */
type Slots = Readonly<Record<number, Slot>>;

const kernel = (rank: number, inputAxes: readonly number[], outputAxes: readonly number[]): Slot => ({
  ...{weight: 'kernel', role: 'kernel', rank},
  inputAxes,
  outputAxes,
});
const vector = (weight: string, role: Role): Slot => ({weight, role, inputAxes: [], outputAxes: [0]});
const image = kernel(4, [1, 2, 3], [0]);
const matrix = kernel(2, [1], [0]);
const recurrent: Slot = {...matrix, weight: 'recurrent_kernel', role: 'recurrent'};
const depthwise: Slot = {...kernel(4, [1, 2], [3]), weight: 'depthwise_kernel', role: 'depthwise'};
const embeddings: Slot = {...kernel(2, [0], [1]), weight: 'embeddings', role: 'embedding'};
const bias = vector('bias', 'bias');
const scale = vector('scale', 'normalisation');

const slots = (from: number, to: number, slot: Slot): Slots =>
  Object.fromEntries(Array.from({length: to - from + 1}, (_, i) => [from + i, slot]));
const only = (given: Slots) => (): Slots => given;

/** The operators that multiply by weights, or look them up, and what they take at which input. */
const WEIGHTED: Readonly<Record<string, (operator: TfliteOperator) => Slots>> = {
  BATCH_MATMUL: ({options}) => ({
    0: options['transposeA'] === true ? kernel(2, [0], [1]) : matrix,
    1: options['transposeB'] === true ? matrix : kernel(2, [0], [1]),
  }),
  CONV_2D: only({1: image, 2: bias}),
  Convolution2DTransposeBias: only({1: image, 2: bias}),
  DEPTHWISE_CONV_2D: only({1: depthwise, 2: bias}),
  EMBEDDING_LOOKUP: only({1: embeddings}),
  FULLY_CONNECTED: only({1: matrix, 2: bias}),
  TRANSPOSE_CONV: only({1: image, 3: bias}),
  UNIDIRECTIONAL_SEQUENCE_LSTM: only({...slots(1, 4, matrix), ...slots(5, 8, recurrent), ...slots(12, 15, bias)}),
  UNIDIRECTIONAL_SEQUENCE_RNN: only({1: matrix, 2: recurrent, 3: bias}),
};
/** Operators that add to each channel, or scale it, where their other side is computed by weights. */
const BY_CHANNEL: Readonly<Record<string, Slot>> = {ADD: bias, DIV: scale, MUL: scale, SUB: bias};
/** Operators that hand the numbers on, however they are stored. */
const PASSING: readonly string[] = ['DENSIFY', 'DEQUANTIZE'];

/**
 * What consumes each constant tensor of a graph, directly or by way of operators that hand it on; null for a tensor
 * that any other operator consumes, or an output, so that every technique leaves it alone: it may be a grid, anchors, a
 * shape.
 */
export function tensorUses(graph: TfliteGraph): ReadonlyMap<number, readonly Use[] | null> {
  const wiring = wiringOf(graph);
  const uses = new Map<number, Use[] | null>();
  for (const operator of graph.operators) {
    if (PASSING.includes(operator.name)) continue;
    const taken = slotsOf(operator, wiring);
    operator.inputs.forEach((input, index) => {
      const source = input < 0 ? -1 : wiring.sourceOf(input);
      if (source < 0 || !wiring.isConstant(source)) return;
      const slot = taken[index];
      const {shape} = graph.tensors[source]!;
      const fits = slot !== undefined && (slot.rank === undefined || slot.rank === shape.length);
      const known = uses.get(source);
      if (!fits || known === null) uses.set(source, null);
      else uses.set(source, [...(known ?? []), useOf(graph, operator, slot, shape.length)]);
    });
  }
  for (const output of graph.outputs) uses.set(wiring.sourceOf(output), null);
  return uses;
}

function useOf(graph: TfliteGraph, {name, outputs}: TfliteOperator, {weight, role, ...axes}: Slot, rank: number): Use {
  const layer = graph.tensors[outputs[0] ?? -1]?.name || name;
  const {inputAxes, outputAxes} = axes;
  // Vectors may have more dimensions, of 1.
  const own = role === 'bias' || role === 'normalisation' ? Array.from({length: rank}, (_, axis) => axis) : outputAxes;
  return {layer, className: name, weight, role, inputAxes, outputAxes: own};
}

interface Wiring {
  /** The operator that makes a tensor. */
  readonly makers: ReadonlyMap<number, TfliteOperator>;
  /** The tensor behind operators that hand it on. */
  sourceOf(tensor: number): number;
  isConstant(tensor: number): boolean;
}

function wiringOf({tensors, operators}: TfliteGraph): Wiring {
  const makers = new Map(operators.flatMap(operator => operator.outputs.map(output => [output, operator] as const)));
  const sources = new Map<number, number>();
  for (const {name, inputs, outputs} of operators) {
    const [input = -1] = inputs;
    if (PASSING.includes(name) && input >= 0 && outputs.length === 1)
      sources.set(outputs[0]!, sources.get(input) ?? input);
  }
  return {
    makers,
    sourceOf: tensor => sources.get(tensor) ?? tensor,
    isConstant: tensor => tensors[tensor]!.content !== null && !makers.has(tensor),
  };
}

function slotsOf(operator: TfliteOperator, wiring: Wiring): Slots {
  const {name, inputs} = operator;
  if (name === 'GATHER')
    return operator.options['axis'] === 0 && isGiven(inputs[1] ?? -1, wiring) ? {0: embeddings} : {};
  if (name === 'PRELU') return {1: vector('alpha', 'slope')};
  if (Object.hasOwn(WEIGHTED, name)) return WEIGHTED[name]!(operator);
  if (!Object.hasOwn(BY_CHANNEL, name) || inputs.length !== 2) return {};
  const [first, second] = inputs.map(input => input >= 0 && wiring.isConstant(wiring.sourceOf(input)));
  if (first === second) return {};
  const other = inputs[first ? 1 : 0]!;
  return followsWeights(other, wiring) ? {[first ? 0 : 1]: BY_CHANNEL[name]!} : {};
}

/** Most operators that add or scale behind one with weights: a bias, a normalisation. */
const MAX_STEPS = 4;

/** Whether a tensor is what an operator with weights makes, up to additions and factors by channel. */
function followsWeights(tensor: number, {makers, sourceOf, isConstant}: Wiring): boolean {
  let current = tensor;
  for (let step = 0; step < MAX_STEPS; step++) {
    const maker = makers.get(current);
    if (maker === undefined) return false;
    if (Object.hasOwn(WEIGHTED, maker.name)) return maker.name !== 'EMBEDDING_LOOKUP';
    if (!Object.hasOwn(BY_CHANNEL, maker.name)) return false;
    const computed = maker.inputs.filter(input => input >= 0 && !isConstant(sourceOf(input)));
    if (computed.length !== 1) return false;
    current = computed[0]!;
  }
  return false;
}

/** Whether a tensor is an input of the model, maybe cast. Indices that are computed pick from grids, not embeddings. */
function isGiven(tensor: number, {makers}: Wiring): boolean {
  const maker = makers.get(tensor);
  return maker === undefined || (maker.name === 'CAST' && !makers.has(maker.inputs[0] ?? -1));
}

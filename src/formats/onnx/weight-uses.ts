import type {Use} from '../../artifacts/open-model.ts';
import type {Axes, Role} from '../../artifacts/roles.ts';
import type {OnnxModel, OnnxNode, OnnxTensor} from './read-model.ts';
import {isOwn} from './read-model.ts';
import {type Scope, scopesOf, tensorsOf} from './tensors.ts';

/** What a node takes at one of its inputs. */
interface Slot {
  readonly weight: string;
  readonly role: Role;
  /** Which axes of a weight of a shape run over inputs and outputs; null for a shape that does not fit. */
  readonly axes: (shape: readonly number[]) => Axes | null;
}

/** Slots by the index of the input. */
type Slots = Readonly<Record<number, Slot>>;

const all = (shape: readonly number[]): number[] => shape.map((_, axis) => axis);
const vector = (weight: string, role: Role): Slot => ({
  ...{weight, role},
  axes: shape => ({inputAxes: [], outputAxes: all(shape)}),
});
const matrix = (input: number, output: number, role: Role = 'kernel', weight = 'kernel'): Slot => ({
  ...{weight, role},
  axes: shape => (shape.length === 2 ? {inputAxes: [input], outputAxes: [output]} : null),
});
/** `[directions, gates * units, in]` */
const gates = (weight: string, role: Role): Slot => ({
  ...{weight, role},
  axes: shape => (shape.length === 3 ? {inputAxes: [2], outputAxes: [0, 1]} : null),
});
const bias = vector('bias', 'bias');
const scale = vector('scale', 'normalisation');

/**
 * Weights `[a, b, ...window]` of a convolution: which of the first two axes runs over outputs, and that they are
 * depthwise.
 */
function windowed(output: 0 | 1, isDepthwise: (shape: readonly number[]) => boolean) {
  return (shape: readonly number[]): Slot => {
    const window = all(shape).slice(2);
    return isDepthwise(shape)
      ? {...{weight: 'depthwise_kernel', role: 'depthwise'}, axes: () => ({inputAxes: window, outputAxes: [output]})}
      : {
          ...{weight: 'kernel', role: 'kernel'},
          axes: () => ({inputAxes: [...window, 1 - output], outputAxes: [output]}),
        };
  };
}

/** The slots of a node, given the shape of the weight at each of its inputs. */
type SlotsOfNode = (node: OnnxNode, shapeAt: (index: number) => readonly number[]) => Slots;

const only =
  (slots: Slots): SlotsOfNode =>
  () =>
    slots;
const convolution =
  (output: 0 | 1): SlotsOfNode =>
  (node, shapeAt) => {
    const shape = shapeAt(1);
    const groups = node.attributes.get('group')?.int ?? 1;
    // One input channel a group; of a transposed convolution the first axis counts them all.
    const isDepthwise = (of: readonly number[]): boolean =>
      groups > 1 && (output === 0 ? of[1] === 1 : of[0] === groups);
    return shape.length < 3 ? {} : {1: windowed(output, isDepthwise)(shape), 2: bias};
  };
const recurrent = only({1: gates('kernel', 'kernel'), 2: gates('recurrent_kernel', 'recurrent'), 3: bias});
const factors = only({1: {...scale, weight: 'gamma'}, 2: {...scale, weight: 'beta'}});
const gemm: SlotsOfNode = ({attributes}) => {
  const isTransposed = (name: string): boolean => (attributes.get(name)?.int ?? 0) !== 0;
  return {
    0: isTransposed('transA') ? matrix(0, 1) : matrix(1, 0),
    1: isTransposed('transB') ? matrix(1, 0) : matrix(0, 1),
    2: bias,
  };
};

/** The operators that multiply by weights, or look them up, and what they take at which input. */
const WEIGHTED: Readonly<Record<string, SlotsOfNode>> = {
  Conv: convolution(0),
  ConvTranspose: convolution(1),
  GRU: recurrent,
  Gemm: gemm,
  LSTM: recurrent,
  MatMul: only({0: matrix(1, 0), 1: matrix(0, 1)}),
  RNN: recurrent,
};
/** Others with slots of their own, behind which nothing is a bias. */
const OTHERS: Readonly<Record<string, SlotsOfNode>> = {
  BatchNormalization: only({
    1: {...scale, weight: 'gamma'},
    2: {...scale, weight: 'beta'},
    3: vector('moving_mean', 'statistic'),
    4: vector('moving_variance', 'statistic'),
  }),
  GroupNormalization: factors,
  InstanceNormalization: factors,
  LayerNormalization: factors,
  PRelu: only({1: vector('alpha', 'slope')}),
};
/** Operators that add to each channel, or scale it, where their other side is computed by weights. */
const BY_CHANNEL: Readonly<Record<string, Slot>> = {Add: bias, Div: scale, Mul: scale, Sub: bias};
/** Operators that hand the numbers on. */
const PASSING: readonly string[] = ['Dropout', 'Identity'];
/** Operators that only ask how many numbers there are. */
const MEASURING: readonly string[] = ['Shape', 'Size'];

/** What makes a value: a stored tensor, a node, or nothing known, such as an input. */
type Source = {readonly tensor: OnnxTensor} | {readonly node: OnnxNode; readonly scope: Scope} | null;

/**
 * What consumes each stored tensor of a model, in all its graphs, directly or by way of nodes that hand it on; null for
 * one that anything else consumes, or an output, so that every technique leaves it alone: it may be a grid, anchors, a
 * shape.
 */
export function tensorUses(model: OnnxModel): ReadonlyMap<OnnxTensor, readonly Use[] | null> {
  const scopes = scopesOf(model);
  const sourceOf = sourcesOf(scopes);
  const uses = new Map<OnnxTensor, Use[] | null>();
  for (const scope of scopes) {
    for (const node of scope.graph.nodes) if (!PASSING.includes(node.op)) addUses(uses, node, scope, sourceOf);
    for (const {name} of scope.graph.outputs) {
      const source = sourceOf(name, scope);
      if (source !== null && 'tensor' in source) uses.set(source.tensor, null);
    }
  }
  return uses;
}

type SourceOf = (name: string, scope: Scope) => Source;

function addUses(uses: Map<OnnxTensor, Use[] | null>, node: OnnxNode, scope: Scope, sourceOf: SourceOf): void {
  const sources = node.inputs.map(name => (name === '' ? null : sourceOf(name, scope)));
  const tensorAt = (index: number): OnnxTensor | undefined => {
    const source = sources[index] ?? null;
    return source !== null && 'tensor' in source ? source.tensor : undefined;
  };
  if (MEASURING.includes(node.op)) return;
  const slots = slotsOf(node, scope, sources, tensorAt, sourceOf);
  node.inputs.forEach((_, index) => {
    const tensor = tensorAt(index);
    if (tensor === undefined) return;
    const slot = slots[index];
    const axes = slot?.axes(tensor.shape) ?? null;
    const known = uses.get(tensor);
    if (slot === undefined || axes === null || known === null) uses.set(tensor, null);
    else {
      const use = {layer: node.name, className: node.op, weight: slot.weight, role: slot.role, ...axes};
      if (known === undefined) uses.set(tensor, [use]);
      else known.push(use);
    }
  });
}

function slotsOf(
  node: OnnxNode,
  scope: Scope,
  sources: readonly Source[],
  tensorAt: (index: number) => OnnxTensor | undefined,
  sourceOf: SourceOf,
): Slots {
  const {op, domain} = node;
  if (!isOwn(domain)) return {};
  const own = Object.hasOwn(WEIGHTED, op) ? WEIGHTED[op] : Object.hasOwn(OTHERS, op) ? OTHERS[op] : undefined;
  if (own !== undefined) return own(node, index => tensorAt(index)?.shape ?? []);
  if (op === 'Gather') {
    const isRows = (node.attributes.get('axis')?.int ?? 0) === 0;
    return isRows && isGiven(node.inputs[1] ?? '', scope, sourceOf) ? {0: matrix(0, 1, 'embedding', 'embeddings')} : {};
  }
  if (!Object.hasOwn(BY_CHANNEL, op) || sources.length !== 2) return {};
  const at = tensorAt(0) === undefined ? 1 : 0;
  const tensor = tensorAt(at);
  if (tensor === undefined || tensorAt(1 - at) !== undefined || tensor.shape.every(size => size === 1)) return {};
  return followsWeights(sources[1 - at] ?? null, sourceOf) ? {[at]: BY_CHANNEL[op]!} : {};
}

/** Most nodes that add or scale behind one with weights: a bias, a normalisation. */
const MAX_STEPS = 4;
/** Most inputs that such a node has. */
const MAX_INPUTS = 5;

/** Whether a value is what a node with weights makes, up to additions and factors by channel. */
function followsWeights(source: Source, sourceOf: SourceOf): boolean {
  let current = source;
  for (let step = 0; step < MAX_STEPS; step++) {
    if (current === null || !('node' in current)) return false;
    const {node, scope} = current;
    if (Object.hasOwn(WEIGHTED, node.op)) return true;
    if (!Object.hasOwn(BY_CHANNEL, node.op) && node.op !== 'BatchNormalization') return false;
    if (node.inputs.length > MAX_INPUTS) return false;
    const before: Source[] = node.inputs.map(name => sourceOf(name, scope));
    const computed: Source[] = before.filter(each => each === null || 'node' in each);
    if (computed.length !== 1) return false;
    current = computed[0]!;
  }
  return false;
}

/** Whether a value is an input of the model, maybe cast. Indices that are computed pick from grids, not embeddings. */
function isGiven(name: string, scope: Scope, sourceOf: SourceOf): boolean {
  const source = sourceOf(name, scope);
  if (source === null || !('node' in source)) return source === null;
  return source.node.op === 'Cast' && sourceOf(source.node.inputs[0] ?? '', source.scope) === null;
}

/** Finds what makes a value, behind nodes that hand it on. */
function sourcesOf(scopes: readonly Scope[]): SourceOf {
  const makers = new Map<Scope, ReadonlyMap<string, Source>>();
  for (const scope of scopes) {
    const own = new Map<string, Source>();
    for (const input of scope.graph.inputs) own.set(input.name, null);
    for (const [name, tensor] of tensorsOf(scope.graph)) own.set(name, {tensor});
    // Nodes stand in an order in which they can run, so that what one hands on is known before it.
    for (const node of scope.graph.nodes) {
      if (own.has(node.outputs[0] ?? '')) continue;
      const passed = PASSING.includes(node.op) ? lookUp(own, makers, scope, node.inputs[0] ?? '') : undefined;
      const source = passed === undefined ? {node, scope} : passed;
      for (const name of node.outputs) own.set(name, source);
    }
    makers.set(scope, own);
  }
  return (name, scope) => lookUp(makers.get(scope)!, makers, scope, name) ?? null;
}

function lookUp(
  own: ReadonlyMap<string, Source>,
  makers: ReadonlyMap<Scope, ReadonlyMap<string, Source>>,
  scope: Scope,
  name: string,
): Source | undefined {
  const source = own.get(name);
  if (source !== undefined) return source;
  for (let outer = scope.outer; outer !== null; outer = outer.outer) {
    const known = makers.get(outer)?.get(name);
    if (known !== undefined) return known;
  }
  return undefined;
}

import type {Use} from '../../artifacts/open-model.ts';
import {type Arrangement, axesOf, type Role} from '../../artifacts/roles.ts';
import {flagOf, type Node, wordsOf} from './nodes.ts';

/** What an op takes at one of its inputs. */
interface Slot {
  readonly weight: string;
  readonly role: Role;
  readonly arrangement: Arrangement;
}

/** Slots by the index of the input. */
type Slots = Readonly<Record<number, Slot>>;

const kernel: Slot = {weight: 'kernel', role: 'kernel', arrangement: 'matrix'};
const transposed: Slot = {...kernel, arrangement: 'transposed'};
const depthwise: Slot = {weight: 'depthwise_kernel', role: 'depthwise', arrangement: 'depthwise'};
const bias: Slot = {weight: 'bias', role: 'bias', arrangement: 'vector'};
const alpha: Slot = {weight: 'alpha', role: 'slope', arrangement: 'vector'};
const embeddings: Slot = {weight: 'embeddings', role: 'embedding', arrangement: 'matrix'};
const scale: Slot = {weight: 'scale', role: 'normalisation', arrangement: 'vector'};
const NORMALIZATION: Slots = {
  1: {...scale, weight: 'gamma'},
  2: {...scale, weight: 'beta'},
  3: {weight: 'moving_mean', role: 'statistic', arrangement: 'vector'},
  4: {weight: 'moving_variance', role: 'statistic', arrangement: 'vector'},
};

const fused =
  (slots: Slots) =>
  (node: Node): Slots => {
    const ops = wordsOf(node, 'fused_ops');
    return {...slots, ...(ops[0] === 'BiasAdd' && {2: bias}), ...(ops[1] === 'Prelu' && {3: alpha})};
  };
const matrices =
  (left: string, right: string) =>
  (node: Node): Slots => {
    // The last axis of either side runs over its columns, unless it is turned around.
    const slot = (columnsLast: boolean): Slot => (columnsLast ? kernel : transposed);
    return {...fused({})(node), 0: slot(flagOf(node, left)), 1: slot(!flagOf(node, right))};
  };
const only = (slots: Slots) => (): Slots => slots;

/** The ops that multiply by weights, or look them up, and what they take at which input. */
const WEIGHTED: Readonly<Record<string, (node: Node) => Slots>> = {
  BatchMatMul: matrices('adj_x', 'adj_y'),
  BatchMatMulV2: matrices('adj_x', 'adj_y'),
  Conv2D: only({1: kernel}),
  Conv2DBackpropInput: only({1: transposed}),
  Conv3D: only({1: kernel}),
  DepthwiseConv2dNative: only({1: depthwise}),
  FusedBatchNorm: only(NORMALIZATION),
  FusedBatchNormV2: only(NORMALIZATION),
  FusedBatchNormV3: only(NORMALIZATION),
  FusedDepthwiseConv2dNative: fused({1: depthwise}),
  Gather: only({0: embeddings}),
  GatherV2: only({0: embeddings}),
  MatMul: matrices('transpose_a', 'transpose_b'),
  Prelu: only({1: alpha}),
  ResourceGather: only({0: embeddings}),
  _FusedConv2D: fused({1: kernel}),
  _FusedMatMul: matrices('transpose_a', 'transpose_b'),
};
/** Ops that add to each channel, or scale it, where their other side comes from a weighted one. */
const BY_CHANNEL: Readonly<Record<string, Slot>> = {
  Add: bias,
  AddV2: bias,
  BiasAdd: bias,
  Mul: scale,
  RealDiv: scale,
  Sub: bias,
};
/** Ops that hand on what they are given. */
const PASSING: readonly string[] = ['Identity', 'PreventGradient', 'Snapshot', 'StopGradient'];
const CONSTANT = 'Const';

/**
 * What consumes each constant of a graph, directly or by way of ops that hand it on. A constant that any other op, or
 * an output, consumes has no uses, so that every technique leaves it alone: it may be a grid, anchors, a shape.
 *
 * @param ranks Dimensions of each weight, by name.
 */
export function weightUses(
  nodes: ReadonlyMap<string, Node>,
  ranks: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly Use[]> {
  const graph: Wiring = {nodes, ranks, sourceOf: sourcesOf(nodes)};
  const uses = new Map<string, Use[]>();
  const strangers = new Set<string>();
  const consumed = new Set<string>();
  for (const node of nodes.values()) {
    if (PASSING.includes(node.op)) continue;
    const slots = slotsOf(node, graph);
    for (const [index, {node: input}] of node.inputs.entries()) {
      const name = graph.sourceOf(input);
      consumed.add(name);
      if (nodes.get(name)?.op !== CONSTANT) continue;
      const slot = slots[index];
      const rank = ranks.get(name) ?? 0;
      if (slot === undefined || (slot.arrangement !== 'vector' && rank < 2)) {
        strangers.add(name);
        continue;
      }
      const {weight, role} = slot;
      const use = {layer: node.name, className: node.op, weight, role, ...axesOf(slot, rank)};
      const known = uses.get(name);
      if (known === undefined) uses.set(name, [use]);
      else known.push(use);
    }
  }
  for (const {name, op} of nodes.values())
    if (PASSING.includes(op) && !consumed.has(name)) strangers.add(graph.sourceOf(name));
  for (const name of strangers) uses.delete(name);
  return uses;
}

/** A graph as it is walked here. */
interface Wiring {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly ranks: ReadonlyMap<string, number>;
  /** The node behind those that hand on what they are given. */
  sourceOf(name: string): string;
}

function slotsOf(node: Node, graph: Wiring): Slots {
  const {op, inputs} = node;
  if (/Gather/.test(op) && !(inputs.length > 1 && isGiven(inputs[1]!.node, graph))) return {};
  if (Object.hasOwn(WEIGHTED, op)) return WEIGHTED[op]!(node);
  if (!Object.hasOwn(BY_CHANNEL, op) || inputs.length !== 2) return {};
  const {constantAt, other} = operandsOf(node, graph);
  if (constantAt === undefined || !followsWeights(other, graph)) return {};
  return (graph.ranks.get(graph.sourceOf(inputs[constantAt]!.node)) ?? 0) > 0 ? {[constantAt]: BY_CHANNEL[op]!} : {};
}

/** Which of two operands is constant, if one alone is, and the node that makes the other. */
function operandsOf(
  {inputs}: Node,
  {nodes, sourceOf}: Wiring,
): {readonly constantAt: 0 | 1 | undefined; readonly other: string} {
  const [left, right] = inputs.map(({node}) => sourceOf(node)) as [string, string];
  const [first, second] = [nodes.get(left)?.op === CONSTANT, nodes.get(right)?.op === CONSTANT];
  return {constantAt: first === second ? undefined : first ? 0 : 1, other: first ? right : left};
}

/** Most ops that add or scale behind one with weights: a bias, a normalisation. */
const MAX_STEPS = 4;

/** Whether a tensor is what an op with weights makes, up to additions and factors by channel. */
function followsWeights(name: string, graph: Wiring): boolean {
  let current = name;
  for (let step = 0; step < MAX_STEPS; step++) {
    const node = graph.nodes.get(current);
    if (node === undefined) return false;
    if (Object.hasOwn(WEIGHTED, node.op)) return !/Gather|Prelu/.test(node.op);
    if (!Object.hasOwn(BY_CHANNEL, node.op) || node.inputs.length !== 2) return false;
    const {constantAt, other} = operandsOf(node, graph);
    if (constantAt === undefined) return false;
    current = other;
  }
  return false;
}

/** Whether a tensor is an input of the model. Indices that are computed pick from grids and anchors, not embeddings. */
function isGiven(name: string, {nodes, sourceOf}: Wiring): boolean {
  const node = nodes.get(sourceOf(name));
  const before = node?.op === 'Cast' ? nodes.get(sourceOf(node.inputs[0]?.node ?? '')) : node;
  return before?.op === 'Placeholder';
}

/** Finds the node behind those that hand on what they are given, each once; a circle is left where it closes. */
function sourcesOf(nodes: ReadonlyMap<string, Node>): Wiring['sourceOf'] {
  const sources = new Map<string, string>();
  return name => {
    const passed: string[] = [];
    let current = name;
    for (;;) {
      const known = sources.get(current);
      if (known !== undefined) {
        current = known;
        break;
      }
      const node = nodes.get(current);
      if (node === undefined || !PASSING.includes(node.op) || node.inputs.length === 0) break;
      sources.set(current, current);
      passed.push(current);
      current = node.inputs[0]!.node;
    }
    for (const each of passed) sources.set(each, current);
    return current;
  };
}

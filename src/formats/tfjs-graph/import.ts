import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import type {GraphOptions} from '../../artifacts/open-model.ts';
import {type StoredWeight, storedWeights, valuesOf} from '../../artifacts/stored-weights.ts';
import {isTfmotError, TfmotError} from '../../errors.ts';
import {createBuilder} from '../../graph/builder.ts';
import type {Graph, LeftNode, Port} from '../../graph/graph.ts';
import {type Flow, flowInto, tensorOf, unsupportedNode} from '../fold/site.ts';
import {constantOf, type Value} from '../fold/value.ts';
import {checkInputNames} from '../input-shapes.ts';
import {inputTensor} from './inputs.ts';
import {type Node, readNodes, tensorName} from './nodes.ts';
import {NODES} from './ops/index.ts';
import {type PortNames, portNames} from './ports.ts';

/** What became of a node: its outputs; or an error, null where it lacks an input because of another's. */
type Result = {readonly values: readonly Value[]} | {readonly error: TfmotError | null};

/** An import, as far as it has come. */
interface Session extends Flow {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly stored: ReadonlyMap<string, StoredWeight>;
  readonly names: PortNames;
  readonly inputShapes: NonNullable<GraphOptions['inputShapes']>;
  /** Whether nodes that are not supported are left out. */
  readonly cuts: boolean;
  readonly results: Map<string, Result>;
  readonly inputs: Map<string, number>;
  /** Numbers that constants may still have. */
  left: number;
}

/** Most numbers of all constants together that folding makes. */
const MAX_FOLDED = 2 ** 27;
const CONTROL_FLOW =
  /^(Switch|Merge|Enter|Exit|NextIteration|LoopCond|If|While|StatelessIf|StatelessWhile|(Stateful)?PartitionedCall|TensorArray.*|TensorList.*)$/;

/**
 * A graph model as an inference graph, before any pass. Nodes that nothing computed hangs on fold; the batch is one
 * example, so that what a node does to the batch it does to each example.
 *
 * @throws TfmotError `unsupported-layer` for a node that is not supported, unless the graph is cut before it;
 *     `unsupported-model` for an input of open sizes; `invalid-topology`, `invalid-weights` or `non-finite-weight` for
 *     a damaged model; `invalid-argument` for names that the graph lacks.
 */
export function importGraph(artifacts: ModelArtifacts, {inputShapes = {}, cut}: GraphOptions = {}): Graph {
  const nodes = readNodes(artifacts.modelTopology);
  const names = portNames(artifacts, nodes);
  checkInputNames([...names.inputs.keys()], inputShapes);
  const builder = createBuilder();
  const session: Session = {
    ...flowInto(builder),
    nodes,
    stored: new Map(storedWeights(artifacts).map(weight => [weight.spec.name, weight])),
    names,
    inputShapes,
    cuts: cut === 'auto',
    results: new Map(),
    inputs: new Map(),
    left: MAX_FOLDED,
  };
  const wanted = Array.isArray(cut) ? cut.map(name => cutAt(name, nodes)) : names.outputs;
  for (const name of names.inputs.keys()) if (names.signed) evaluate(session, name);
  for (const {node} of wanted) evaluate(session, node);
  const outputs = wanted.flatMap(({node, output}): Port[] => {
    const result = session.results.get(node)!;
    if ('error' in result) {
      if (!session.cuts && result.error !== null) throw result.error;
      return [];
    }
    return [portOf(session, node, output)];
  });
  const left = session.cuts ? leftNodes(session) : [];
  if (left.length > 0) outputs.push(...frontier(session, outputs));
  if (outputs.length === 0)
    throw left.length > 0
      ? new TfmotError('unsupported-layer', `Nothing of the graph can be run: ${left[0]!.reason}`)
      : new TfmotError('invalid-topology', 'A graph model must have outputs, but has none.');
  const inputs = [...session.inputs].map(([name, tensor]) => ({name, tensor}));
  return {...builder.finish(inputs, outputs), ...(left.length > 0 && {left})};
}

/** Evaluates a node after all that it needs, with a stack of its own: graphs are deeper than call stacks. */
function evaluate(session: Session, name: string): void {
  const {nodes, results} = session;
  const open = new Set<string>();
  const stack = [name];
  while (stack.length > 0) {
    const current = stack.at(-1)!;
    if (results.has(current)) {
      stack.pop();
      continue;
    }
    const node = nodes.get(current);
    if (node === undefined)
      throw new TfmotError('invalid-topology', `The graph names a node '${current}', which it does not have.`);
    const missing = open.has(current) ? [] : node.inputs.filter(input => !results.has(input.node));
    open.add(current);
    // What is open already stands in a circle: it has no result when its turn comes.
    const next = missing.filter(input => !open.has(input.node));
    if (next.length > 0) {
      for (const input of next) stack.push(input.node);
      continue;
    }
    stack.pop();
    results.set(current, resultOf(session, node));
  }
}

function resultOf(session: Session, node: Node): Result {
  try {
    return valuesAt(session, node);
  } catch (error) {
    if (!isTfmotError(error) || error.code !== 'unsupported-layer') throw error;
    if (!session.cuts) throw error;
    return {error};
  }
}

function valuesAt(session: Session, node: Node): Result {
  const {name, op} = node;
  const site = {...session, name, op};
  if (op === 'Const') return {values: [constantAt(session, node)]};
  if (op === 'Placeholder') return {values: [inputTensor(session, node)]};
  if (CONTROL_FLOW.test(op))
    throw unsupportedNode(site, 'is control flow, which differs from example to example. Leave it out of the model.');
  const inputs: Value[] = [];
  for (const {node: from, output} of node.inputs) {
    const result = session.results.get(from);
    if (result === undefined) throw unsupportedNode(site, 'stands in a circle of nodes.');
    if ('error' in result) return {error: null};
    const value = result.values[output];
    if (value === undefined)
      throw new TfmotError('invalid-topology', `Node '${name}' uses output ${output} of '${from}', which has no such.`);
    inputs.push(value);
  }
  if (!Object.hasOwn(NODES, op)) throw unsupportedNode(site, 'is not supported. Cut the graph before it.');
  const made = NODES[op]!({...site, node, inputs});
  const values: readonly Value[] = Array.isArray(made) ? made : [made as Value];
  for (const value of values)
    if (value.kind === 'constant' && !inputs.includes(value)) spend(session, value.data.length);
  return {values};
}

function spend(session: Session, numbers: number): void {
  session.left -= numbers;
  if (session.left < 0)
    throw new TfmotError('unsupported-model', `The constants of the graph fold to more than ${MAX_FOLDED} numbers.`);
}

function constantAt({stored}: Session, {name, op}: Node): Value {
  const weight = stored.get(name);
  if (weight === undefined)
    throw new TfmotError('invalid-weights', `The graph has a constant '${name}', which the weight specs lack.`);
  const {dtype, shape} = weight.spec;
  if (weight.stored === 'string' || weight.stored === 'complex64')
    throw unsupportedNode({name, op}, `holds ${weight.stored}, and no numbers.`);
  // Whole numbers of 32 bits are more than float32 holds.
  const data = weight.stored === 'int32' ? wholeNumbers(weight.bytes) : valuesOf(weight);
  return constantOf(name, shape, data, dtype === 'bool' ? 'bool' : dtype === 'int32' ? 'int' : 'float');
}

function wholeNumbers(bytes: Uint8Array): Int32Array {
  const own = bytes.slice();
  return new Int32Array(own.buffer, own.byteOffset, own.length / 4);
}

function portOf(session: Session, node: string, output: number): Port {
  const result = session.results.get(node)!;
  const value = 'values' in result ? result.values[output] : undefined;
  if (value === undefined)
    throw new TfmotError('invalid-topology', `The graph's output '${node}:${output}' does not exist.`);
  const {op} = session.nodes.get(node)!;
  return {name: output === 0 ? node : `${node}:${output}`, tensor: tensorOf({...session, name: node, op}, value)};
}

function cutAt(text: string, nodes: ReadonlyMap<string, Node>): ReturnType<typeof tensorName> {
  const name = nodes.has(text) ? {node: text, output: 0} : tensorName(text);
  if (nodes.has(name.node)) return name;
  throw new TfmotError('invalid-argument', `cut names '${text}', but the graph has no such node.`);
}

/** The nodes that failed by themselves. */
function leftNodes({results, nodes}: Session): LeftNode[] {
  return [...results].flatMap(([name, result]) =>
    'error' in result && result.error !== null ? [{name, op: nodes.get(name)!.op, reason: result.error.message}] : [],
  );
}

/** The last tensors that are computed: those that nodes which are left out would read. */
function frontier(session: Session, outputs: readonly Port[]): Port[] {
  const seen = new Set([...outputs.map(({tensor}) => tensor), ...session.inputs.values()]);
  const ports: Port[] = [];
  for (const [name, result] of session.results) {
    if (!('error' in result)) continue;
    for (const {node, output} of session.nodes.get(name)!.inputs) {
      const before = session.results.get(node);
      if (before === undefined || !('values' in before)) continue;
      const value = before.values[output];
      if (value?.kind !== 'tensor' || seen.has(value.id)) continue;
      seen.add(value.id);
      ports.push(portOf(session, node, output));
    }
  }
  return ports;
}

import type {GraphOptions} from '../../artifacts/open-model.ts';
import {isTfmotError, TfmotError} from '../../errors.ts';
import {createBuilder} from '../../graph/builder.ts';
import type {Graph, LeftNode, Port} from '../../graph/graph.ts';
import {sizeOf} from '../../graph/tensor.ts';
import {type Flow, flowInto, tensorOf, unsupportedNode} from '../fold/site.ts';
import type {Constant, Value} from '../fold/value.ts';
import {inputValues} from './input-values.ts';
import {asFile, inFileOrder, type Laid} from './layouts.ts';
import {IMPORTERS} from './operators/index.ts';
import type {Import, NodeCall} from './operators/operator.ts';
import {isOwn, type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxTensor} from './read-model.ts';
import {constantIn} from './read-tensor.ts';
import {innerGraphs, namesOfTensors, tensorsOf} from './tensors.ts';

/** What a name stands for where its node could not be imported. */
const LEFT_OUT = Symbol('left out');

/** The names that nodes of a graph see: its own, and those of the graphs around it. */
interface Names {
  readonly values: Map<string, Laid | typeof LEFT_OUT>;
  readonly tensors: ReadonlyMap<string, OnnxTensor>;
  readonly outer: Names | null;
}

/** A model on its way into a graph. */
interface Run {
  readonly model: OnnxModel;
  readonly flow: Flow;
  readonly shared: Import;
  readonly tensorNames: ReadonlyMap<OnnxTensor, string>;
  readonly constants: Map<OnnxTensor, Constant>;
  /** Nodes that could not be imported, where the graph may end before them; null where it must not. */
  readonly left: LeftNode[] | null;
  /** Names that such nodes, and all that depend on them, would have read. */
  readonly frontier: Set<string>;
  /** Elements that constants may still fold to. */
  readonly budget: {elements: number};
}

/** Most elements of all constants that are computed at import, and that they are computed of, together. */
const MAX_FOLDED = 2 ** 27;

/** Before this version operators stretch sizes in other ways. */
const MIN_OPSET = 7;

/**
 * A model as an inference graph, before any pass. Inputs and outputs have the dimensions of the file, channels second.
 *
 * @param options `inputShapes` for inputs whose sizes the file leaves open; `cut` for a graph that ends early.
 * @throws TfmotError `unsupported-layer` for an operator that is not understood, `unsupported-model` where sizes are
 *     open, `invalid-topology`, `corrupt-file` or `non-finite-weight` for a damaged model.
 */
export function importModel(model: OnnxModel, {inputShapes = {}, cut}: GraphOptions = {}): Graph {
  if (model.opset < MIN_OPSET)
    throw new TfmotError(
      'unsupported-model',
      `The .onnx model must have operators of version ${MIN_OPSET} or newer, but has version ${model.opset}. Convert it.`,
    );
  const flow = flowInto(createBuilder());
  const {ports, values} = inputValues(model.graph, flow, inputShapes);
  const given = new Set([...values.values()].map(({value}) => value));
  const run: Run = {
    model,
    flow,
    shared: {turned: new Map(), isModelInput: value => given.has(value)},
    tensorNames: namesOfTensors(model),
    constants: new Map(),
    left: cut === 'auto' ? [] : null,
    frontier: new Set(),
    budget: {elements: MAX_FOLDED},
  };
  const names: Names = {values: new Map(values), tensors: tensorsOf(model.graph), outer: null};
  const wanted = Array.isArray(cut) ? checkedCut(model.graph, cut) : model.graph.outputs.map(({name}) => name);
  if (wanted.length === 0) throw new TfmotError('invalid-topology', 'The .onnx model has no outputs.');
  const live = liveNodes(model.graph, wanted);
  if (run.left === null) checkOperators(live);
  for (const node of live) addNode(run, names, node);
  const outputs = outputNames(run, names, wanted).map((name): Port => {
    const at = {...flow, name, op: 'output'};
    return {name, tensor: tensorOf(at, asFile(at, run.shared.turned, valueNamed(run, names, name)))};
  });
  const graph = flow.builder.finish(ports, outputs);
  return run.left === null || run.left.length === 0 ? graph : {...graph, left: run.left};
}

/** Names of tensors to end at, if the graph computes them. */
function checkedCut({nodes}: OnnxGraph, cut: readonly string[]): readonly string[] {
  const known = new Set(nodes.flatMap(({outputs}) => outputs));
  const unknown = cut.find(name => !known.has(name));
  if (unknown === undefined) return cut;
  throw new TfmotError('invalid-argument', `cut names '${unknown}', but no node of the graph computes that.`);
}

/** Those of the nodes that outputs depend on, in their order. */
function liveNodes({nodes}: OnnxGraph, outputs: readonly string[]): readonly OnnxNode[] {
  const needed = new Set(outputs);
  const live: OnnxNode[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    if (!node.outputs.some(name => needed.has(name))) continue;
    for (const name of readBy(node)) needed.add(name);
    live.push(node);
  }
  return live.reverse();
}

/** The names that a node reads, those that graphs inside it read from around them too. */
function readBy(node: OnnxNode): readonly string[] {
  const inner = innerGraphs(node).flatMap(({nodes, outputs}) => [
    ...nodes.flatMap(readBy),
    ...outputs.map(({name}) => name),
  ]);
  return [...node.inputs, ...inner].filter(name => name !== '');
}

/** Refuses what is not understood, each kind by its name, before any weight is read. */
function checkOperators(nodes: readonly OnnxNode[]): void {
  const unknown = new Set(nodes.filter(node => importerOf(node) === undefined).map(fullName));
  if (unknown.size === 0) return;
  throw new TfmotError(
    'unsupported-layer',
    `The .onnx model has operators that inference does not know: ${[...unknown].join(', ')}.`,
  );
}

function importerOf({op, domain}: OnnxNode): (typeof IMPORTERS)[string] | undefined {
  return isOwn(domain) && Object.hasOwn(IMPORTERS, op) ? IMPORTERS[op] : undefined;
}

const fullName = ({op, domain}: OnnxNode): string => (isOwn(domain) ? op : `${domain}.${op}`);

/** Adds a node, or, where the graph may end before it, says why not. */
function addNode(run: Run, names: Names, node: OnnxNode): void {
  const {left, frontier} = run;
  const missing = left !== null && readBy(node).some(name => lookUp(names, name) === LEFT_OUT);
  if (!missing) {
    try {
      const outputs = outputsOf(run, names, node);
      node.outputs.forEach((name, i) => {
        if (name !== '' && outputs[i] !== undefined) names.values.set(name, outputs[i]);
      });
      return;
    } catch (error) {
      if (left === null || !isTfmotError(error) || error.code !== 'unsupported-layer') throw error;
      left.push({name: node.name, op: fullName(node), reason: error.message});
    }
  }
  for (const name of readBy(node)) frontier.add(name);
  for (const name of node.outputs) names.values.set(name, LEFT_OUT);
}

function outputsOf(run: Run, names: Names, node: OnnxNode): readonly Laid[] {
  const at = {...run.flow, name: node.name, op: fullName(node)};
  const importer = importerOf(node);
  if (importer === undefined) throw unsupportedNode(at, 'is not known to inference.');
  const call: NodeCall = {
    ...run.shared,
    node,
    opset: run.model.opset,
    at,
    inputs: node.inputs.map(name => (name === '' ? null : valueNamed(run, names, name))),
    run: graph => branchOf(run, names, graph),
    constantOf: tensor => storedConstant(run, tensor),
  };
  spend(run, node, foldedBy(call.inputs));
  const outputs = importer(call);
  const inputs = new Set<Value>(call.inputs.flatMap(laid => laid?.value ?? []));
  for (const {value} of outputs)
    if (value.kind === 'constant' && !inputs.has(value)) spend(run, node, sizeOf(value.shape));
  return outputs;
}

/** Elements of the inputs of a node that folds. */
function foldedBy(inputs: NodeCall['inputs']): number {
  if (inputs.some(laid => laid?.value.kind === 'tensor')) return 0;
  return inputs.reduce((sum, laid) => sum + (laid === null ? 0 : sizeOf(laid.value.shape)), 0);
}

function spend({budget}: Run, {name, op}: OnnxNode, elements: number): void {
  budget.elements -= elements;
  if (budget.elements >= 0) return;
  throw new TfmotError(
    'memory-limit',
    `Op '${name}' (${op}): folding the constants of the model would take more than ${MAX_FOLDED} numbers.`,
  );
}

/** The outputs of a graph inside a node. */
function branchOf(run: Run, outer: Names, graph: OnnxGraph): readonly Laid[] {
  const names: Names = {values: new Map(), tensors: tensorsOf(graph), outer};
  const wanted = graph.outputs.map(({name}) => name);
  // A branch is imported whole or not at all.
  const whole: Run = {...run, left: null};
  for (const node of liveNodes(graph, wanted)) addNode(whole, names, node);
  return wanted.map(name => valueNamed(run, names, name));
}

/** What a name stands for; undefined for what is stored or has not been computed. */
function lookUp(names: Names | null, name: string): Laid | typeof LEFT_OUT | undefined {
  for (let scope = names; scope !== null; scope = scope.outer) {
    const value = scope.values.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** What a name stands for: computed before, or a constant of the file, which is read when it is first asked for. */
function valueNamed(run: Run, names: Names, name: string): Laid {
  for (let scope: Names | null = names; scope !== null; scope = scope.outer) {
    const value = scope.values.get(name);
    if (value !== undefined && value !== LEFT_OUT) return value;
    const tensor = scope.tensors.get(name);
    if (tensor !== undefined) return inFileOrder(storedConstant(run, tensor));
  }
  throw new TfmotError('invalid-topology', `'${name}' is read in the .onnx model before any node computes it.`);
}

function storedConstant(run: Run, tensor: OnnxTensor): Constant {
  const known = run.constants.get(tensor);
  if (known !== undefined) return known;
  const constant = constantIn(run.model.messages, tensor, run.tensorNames.get(tensor) ?? tensor.name);
  run.constants.set(tensor, constant);
  return constant;
}

/** The outputs that the graph has: those wanted, and where it ends early what the nodes left out would have read. */
function outputNames({left, frontier}: Run, names: Names, wanted: readonly string[]): readonly string[] {
  if (left === null || left.length === 0) return wanted;
  const isComputed = (name: string): boolean => {
    const value = names.values.get(name);
    return value !== undefined && value !== LEFT_OUT && value.value.kind === 'tensor';
  };
  const all = [...new Set([...wanted, ...frontier])].filter(isComputed);
  if (all.length > 0) return all;
  throw new TfmotError('unsupported-layer', left.map(({reason}) => reason).join(' '));
}

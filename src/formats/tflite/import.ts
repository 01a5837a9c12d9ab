import type {GraphOptions} from '../../artifacts/open-model.ts';
import {isTfmotError, TfmotError} from '../../errors.ts';
import {createBuilder} from '../../graph/builder.ts';
import type {Graph, LeftNode, Port} from '../../graph/graph.ts';
import {type Flow, flowInto, tensorOf} from '../fold/site.ts';
import {type Constant, constantOf, type Value} from '../fold/value.ts';
import {checkInputNames} from '../input-shapes.ts';
import {CUSTOM_IMPORTERS, IMPORTERS} from './operators/index.ts';
import type {OperatorCall, OperatorImporter} from './operators/operator.ts';
import {batchOf, inputValue, kindOf, portNames, tensorsNamed} from './ports.ts';
import {corrupt} from './read-flatbuffer.ts';
import type {TfliteModel, TfliteOperator, TfliteTensor} from './read-model.ts';
import {decodeTensor, elementsOf, isStored, wholeNumbers} from './read-values.ts';
import type {OperatorName} from './schema-operators.ts';

/** One import, as far as it has come. */
interface Run {
  readonly model: TfliteModel;
  readonly flow: Flow;
  /** What each tensor is; null where the graph was cut before it. */
  readonly values: Map<number, Value | null>;
  /** What was left out, where the graph may be cut; null where it may not. */
  readonly left: LeftNode[] | null;
  /** Tensors that are computed, but read by what was left out. */
  readonly frontier: Set<number>;
  readonly shared: Pick<OperatorCall, 'batch' | 'isModelInput'>;
  /** Takes note of so many more numbers of constants. */
  count(numbers: number): void;
}

/** Operators that run other graphs of the file. */
const CONTROL_FLOW: readonly string[] = ['CALL_ONCE', 'IF', 'WHILE'];
/** Numbers that the constants of a file may take, all together, for each of its bytes: tensors may share content. */
const NUMBERS_PER_BYTE = 4;
/** Sparse tensors hold that many more. */
const SPARSE_FACTOR = 128;

/**
 * A model as an inference graph, before any pass. What is quantised or stored sparsely is read as the real numbers that
 * it stands for: quantised files run in float.
 *
 * @throws TfmotError `unsupported-layer` for an operator that is not understood, unless the graph is cut before it;
 *     `unsupported-model` where sizes are open, `corrupt-file` or `non-finite-weight` for a damaged model;
 *     `invalid-argument` for names that the model lacks.
 */
export function importModel(model: TfliteModel, {inputShapes = {}, cut}: GraphOptions = {}): Graph {
  const [graph] = model.graphs;
  const names = portNames(graph, graph.inputs, 'input');
  checkInputNames(names, inputShapes);
  const wanted = Array.isArray(cut) ? tensorsNamed(graph, cut) : graph.outputs;
  const operators = liveOperators(model, wanted);
  if (cut !== 'auto') checkOperators(model, operators);
  const flow = flowInto(createBuilder());
  const batch = batchOf(graph);
  const values = new Map<number, Value | null>(
    graph.inputs.map((tensor, i) => [tensor, inputValue(flow, graph.tensors[tensor]!, batch, names[i]!, inputShapes)]),
  );
  const given = new Set(values.values());
  const run: Run = {
    ...{model, flow, values},
    left: cut === 'auto' ? [] : null,
    frontier: new Set(),
    shared: {batch, isModelInput: value => given.has(value)},
    count: counterOf(model),
  };
  const inputs = graph.inputs.map((tensor, i) => portOf(run, tensor, names[i]!));
  for (const operator of operators) addOperator(run, operator);
  const known = wanted.filter(tensor => valueAt(run, tensor) !== null);
  const ends = [...known, ...[...run.frontier].filter(tensor => !known.includes(tensor))];
  if (ends.length === 0 && run.left !== null && run.left.length > 0)
    throw new TfmotError('unsupported-layer', `Nothing of the model can be run: ${run.left[0]!.reason}`);
  const outputNames = portNames(graph, ends, 'output');
  const outputs = ends.map((tensor, i) => portOf(run, tensor, outputNames[i]!));
  const left = run.left ?? [];
  return {...flow.builder.finish(inputs, outputs), ...(left.length > 0 && {left})};
}

function portOf(run: Run, tensor: number, name: string): Port {
  return {name, tensor: tensorOf({...run.flow, name, op: 'port'}, valueAt(run, tensor)!)};
}

/** Those of the operators that outputs depend on, in their order. */
function liveOperators({graphs: [{operators}]}: TfliteModel, outputs: readonly number[]): readonly TfliteOperator[] {
  const needed = new Set(outputs);
  const live: TfliteOperator[] = [];
  for (let i = operators.length - 1; i >= 0; i--) {
    const operator = operators[i]!;
    if (!operator.outputs.some(tensor => needed.has(tensor))) continue;
    for (const tensor of operator.inputs) needed.add(tensor);
    live.push(operator);
  }
  return live.reverse();
}

/** Refuses what is not understood, each kind by its name, before any weight is read. */
function checkOperators({graphs: [, ...others]}: TfliteModel, operators: readonly TfliteOperator[]): void {
  const unknown = [...new Set(operators.filter(operator => importerOf(operator) === undefined).map(({name}) => name))];
  if (unknown.length === 0) return;
  const control = unknown.filter(name => CONTROL_FLOW.includes(name));
  const why =
    control.length > 0
      ? `runs other graphs of the file (${others.length} besides the first) by ${control.join(', ')}, which inference does not do`
      : `has operators that inference does not know: ${unknown.join(', ')}`;
  throw new TfmotError('unsupported-layer', `The .tflite model ${why}.`);
}

function importerOf({name, isCustom}: TfliteOperator): OperatorImporter | undefined {
  if (!isCustom) return IMPORTERS[name as OperatorName];
  return Object.hasOwn(CUSTOM_IMPORTERS, name) ? CUSTOM_IMPORTERS[name] : undefined;
}

/** Adds an operator, or, where the graph may end before it, says why not. */
function addOperator(run: Run, operator: TfliteOperator): void {
  const {model, values, left, frontier} = run;
  const {name: op, inputs, outputs} = operator;
  const name = model.graphs[0].tensors[outputs[0] ?? -1]?.name || op;
  const read = inputs.map(tensor => (tensor < 0 ? null : valueAt(run, tensor)));
  const isReached = inputs.every((tensor, i) => tensor < 0 || read[i] !== null);
  if (isReached) {
    try {
      const made = outputsOf(run, operator, name, read);
      outputs.forEach((tensor, i) => {
        if (made[i] !== undefined) values.set(tensor, made[i]);
      });
      return;
    } catch (error) {
      if (left === null || !isTfmotError(error) || error.code !== 'unsupported-layer') throw error;
      left.push({name, op, reason: error.message});
    }
  }
  for (const tensor of inputs) if (values.get(tensor)?.kind === 'tensor') frontier.add(tensor);
  for (const tensor of outputs) values.set(tensor, null);
}

function outputsOf(run: Run, operator: TfliteOperator, name: string, inputs: OperatorCall['inputs']): readonly Value[] {
  const {flow, shared, model} = run;
  const importer = importerOf(operator);
  if (importer === undefined)
    throw new TfmotError(
      'unsupported-layer',
      `Op '${name}' (${operator.name}) is not supported. Cut the graph before it.`,
    );
  const declared = model.graphs[0].tensors[operator.outputs[0] ?? -1]?.shape ?? [];
  const outputs = importer({...shared, operator, at: {...flow, name, op: operator.name}, inputs, declared});
  operator.outputs.forEach((tensor, i) => {
    const output = outputs[i];
    if (shared.batch === 1 || output?.kind !== 'tensor') return;
    if (model.graphs[0].tensors[tensor]!.shape[0] !== (output.shape[0] ?? 0) * shared.batch)
      throw new TfmotError(
        'unsupported-layer',
        `Op '${name}' (${operator.name}) mixes the ${shared.batch} examples that the file is made for. Make it for one.`,
      );
  });
  for (const output of outputs)
    if (output.kind === 'constant' && !inputs.includes(output)) run.count(output.data.length);
  return outputs;
}

/** Counts the numbers of constants, stored and folded; a file that has too many is hostile. */
function counterOf({bytes}: TfliteModel): (numbers: number) => void {
  let left = bytes.length * NUMBERS_PER_BYTE + 2 ** 16;
  return numbers => {
    left -= numbers;
    if (left < 0)
      throw new TfmotError('memory-limit', 'The .tflite file asks for far more numbers than its bytes can hold.');
  };
}

/** What a tensor is: computed before, left out, or a constant of the file, which is read when it is first asked for. */
function valueAt({model, values, count}: Run, index: number): Value | null {
  const known = values.get(index);
  if (known !== undefined) return known;
  const tensor = model.graphs[0].tensors[index]!;
  // The states of recurrent operators: zeros at every run, which the operators know.
  if (tensor.content === null && tensor.isVariable) return constantOf(tensor.name, [], [0]);
  if (tensor.content === null && elementsOf(tensor) > 0)
    throw corrupt(0, `tensor ${index} ('${tensor.name}'), which is read before anything computes it`);
  count(elementsOf(tensor) / (tensor.sparsity === null ? 1 : SPARSE_FACTOR));
  const value = constantIn(model, tensor);
  values.set(index, value);
  return value;
}

function constantIn({bytes}: TfliteModel, tensor: TfliteTensor): Constant {
  if (!isStored(tensor))
    throw new TfmotError(
      'unsupported-model',
      `Tensor '${tensor.name}' is of a type of the format that is not read here.`,
    );
  const content = bytes.subarray(tensor.content?.from ?? 0, tensor.content?.to ?? 0);
  const data = wholeNumbers(tensor, content) ?? decodeTensor(tensor, content);
  return constantOf(tensor.name, tensor.shape, data, kindOf(tensor));
}

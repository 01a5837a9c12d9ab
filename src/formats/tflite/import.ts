import type {GraphOptions, InputShapes} from '../../artifacts/open-model.ts';
import {TfmotError} from '../../errors.ts';
import {createBuilder} from '../../graph/builder.ts';
import type {Graph, Port} from '../../graph/graph.ts';
import {show} from '../../show.ts';
import {type Flow, flowInto, flowing, tensorOf} from '../fold/site.ts';
import {type Constant, constantOf, innerShape, type NumberKind, type Value} from '../fold/value.ts';
import {CUSTOM_IMPORTERS, IMPORTERS} from './operators/index.ts';
import type {OperatorCall, OperatorImporter} from './operators/operator.ts';
import {corrupt} from './read-flatbuffer.ts';
import type {TfliteGraph, TfliteModel, TfliteOperator, TfliteTensor} from './read-model.ts';
import {decodeTensor, elementsOf, isStored, wholeNumbers} from './read-values.ts';
import type {OperatorName} from './schema-operators.ts';

/** Operators that run other graphs of the file. */
const CONTROL_FLOW: readonly string[] = ['CALL_ONCE', 'IF', 'WHILE'];

/**
 * A model as an inference graph, before any pass. What is quantised or stored sparsely is read as the real numbers that
 * it stands for: quantised files run in float.
 *
 * @throws TfmotError `unsupported-layer` for an operator that is not understood, `unsupported-model` where sizes are
 *     open, `corrupt-file` or `non-finite-weight` for a damaged model.
 */
export function importModel(model: TfliteModel, {inputShapes = {}}: GraphOptions = {}): Graph {
  checkOperators(model);
  const [graph] = model.graphs;
  const names = portNames(graph, graph.inputs, 'input');
  checkInputNames(names, inputShapes);
  const flow = flowInto(createBuilder());
  const values: (Value | undefined)[] = [];
  const session: Session = {model, values, count: counterOf(model)};
  const inputs = graph.inputs.map((tensor, i): Port => {
    values[tensor] = inputValue(flow, graph.tensors[tensor]!, names[i]!, inputShapes);
    return {name: names[i]!, tensor: tensorOf({...flow, name: names[i]!, op: 'input'}, values[tensor]!)};
  });
  const given = new Set(values.filter(value => value !== undefined));
  const arranged: OperatorCall['arranged'] = new Map();
  for (const operator of graph.operators) {
    const first = graph.tensors[operator.outputs[0] ?? -1];
    const call: OperatorCall = {
      operator,
      at: {...flow, name: first?.name || operator.name, op: operator.name},
      inputs: operator.inputs.map(tensor => (tensor < 0 ? null : valueAt(session, tensor))),
      declared: first?.shape ?? [],
      isModelInput: value => given.has(value),
      arranged,
    };
    const outputs = importerOf(operator)!(call);
    operator.outputs.forEach((tensor, i) => {
      const output = outputs[i];
      if (output?.kind === 'constant' && !call.inputs.includes(output)) session.count(output.data.length);
      values[tensor] = output;
    });
  }
  const outputNames = portNames(graph, graph.outputs, 'output');
  const outputs = graph.outputs.map((tensor, i): Port => {
    const at = {...flow, name: outputNames[i]!, op: 'output'};
    return {name: outputNames[i]!, tensor: tensorOf(at, valueAt(session, tensor))};
  });
  return flow.builder.finish(inputs, outputs);
}

/** One import. */
interface Session {
  readonly model: TfliteModel;
  /** What each tensor is, where that is known already. */
  readonly values: (Value | undefined)[];
  /** Takes note of so many more numbers. */
  count(numbers: number): void;
}

/** Refuses what is not understood, each kind by its name, before any weight is read. */
function checkOperators({graphs: [{operators}, ...others]}: TfliteModel): void {
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

/** Numbers that the constants of a file may take, all together, for each of its bytes: tensors may share content. */
const NUMBERS_PER_BYTE = 4;
/** Sparse tensors hold that many more. */
const SPARSE_FACTOR = 128;

/** Counts the numbers of constants, stored and folded; a file that has too many is hostile. */
function counterOf({bytes}: TfliteModel): (numbers: number) => void {
  let left = bytes.length * NUMBERS_PER_BYTE + 2 ** 16;
  return numbers => {
    left -= numbers;
    if (left < 0)
      throw new TfmotError('memory-limit', 'The .tflite file asks for far more numbers than its bytes can hold.');
  };
}

/** What a tensor is: computed before, or a constant of the file, which is read when it is first asked for. */
function valueAt(session: Session, index: number): Value {
  const {model, values} = session;
  const known = values[index];
  if (known !== undefined) return known;
  const tensor = model.graphs[0].tensors[index]!;
  if (tensor.content !== null || isEmpty(tensor)) {
    session.count(elementsOf(tensor) / (tensor.sparsity === null ? 1 : SPARSE_FACTOR));
    const value = constantIn(model, tensor);
    values[index] = value;
    return value;
  }
  // The states of recurrent operators: zeros at every run, which the operators know.
  if (tensor.isVariable) return constantOf(tensor.name, [], [0]);
  throw corrupt(0, `tensor ${index} ('${tensor.name}'), which is read before anything computes it`);
}

const isEmpty = ({shape}: TfliteTensor): boolean => shape.includes(0);

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

function kindOf({type, quantization}: TfliteTensor): NumberKind {
  if (type === 'bool') return 'bool';
  return type.startsWith('float') || quantization !== null ? 'float' : 'int';
}

function inputValue(flow: Flow, tensor: TfliteTensor, name: string, inputShapes: InputShapes): Value {
  const {shape, signature} = tensor;
  const open = (signature ?? shape).slice(1).map(size => (size === -1 ? null : size));
  const own = Object.hasOwn(inputShapes, name) ? inputShapes[name]! : undefined;
  const sizes = own ?? open;
  const fits = sizes.length === open.length && sizes.every((size, i) => open[i] === null || open[i] === size);
  if (!fits || !sizes.every(size => Number.isSafeInteger(size) && size! > 0))
    throw new TfmotError(
      'unsupported-model',
      `Input '${name}' is ${show([null, ...open])} and must have known sizes but for the batch. Give them as inputShapes: {'${name}': [...]}${own === undefined ? '' : `, not ${show(own)}`}.`,
    );
  const whole = shape.length === 0 ? [] : [shape[0]!, ...(sizes as number[])];
  const id = flow.builder.input(name, innerShape(whole));
  return flowing({...flow, name, op: 'input'}, id, whole, kindOf(tensor));
}

/** Refuses shapes for inputs that the model does not have. */
function checkInputNames(names: readonly string[], inputShapes: InputShapes): void {
  for (const [name, shape] of Object.entries(inputShapes)) {
    if (!names.includes(name))
      throw new TfmotError('invalid-argument', `inputShapes names '${name}', but the inputs are ${names.join(', ')}.`);
    if (!Array.isArray(shape))
      throw new TfmotError(
        'invalid-argument',
        `inputShapes.${name} must be a list of sizes without the batch, but is ${show(shape)}.`,
      );
  }
}

/** Names of inputs or outputs: those of their tensors; `name:1`, `name:2` where one comes again. */
function portNames({tensors}: TfliteGraph, indices: readonly number[], without: string): readonly string[] {
  const seen = new Map<string, number>();
  return indices.map(index => {
    const name = tensors[index]!.name || without;
    const repeat = seen.get(name) ?? 0;
    seen.set(name, repeat + 1);
    return repeat === 0 ? name : `${name}:${repeat}`;
  });
}

import {TfmotError} from '../../errors.ts';
import {
  addFloats,
  addIntegers,
  corrupt,
  eachField,
  type Field,
  floatOf,
  integerOf,
  type Messages,
  messagesIn,
  type Span,
  spanOf,
  textOf,
} from './read-protobuf.ts';
import {EXTERNAL, FIELDS} from './schema.ts';

/** A tensor that the file holds: what it is, and where its numbers are. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Number of the element type. */
  readonly type: number;
  /** The bytes of the elements, where they are given so. */
  readonly raw: Span | null;
  /** The fields that list them otherwise. */
  readonly listed: readonly Field[];
  /** Where the tensor is in the file. */
  readonly at: Span;
}

/** An attribute of a node; what it is not is undefined or empty. */
export interface OnnxAttribute {
  readonly float?: number;
  readonly int?: number;
  readonly text?: string;
  readonly tensor?: OnnxTensor;
  readonly graph?: OnnxGraph;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly texts: readonly string[];
}

/** An operator of a graph. */
export interface OnnxNode {
  /** Its name, or that of its first output. */
  readonly name: string;
  readonly op: string;
  /** Empty for ONNX' own. */
  readonly domain: string;
  /** Names of values; empty where an optional one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** An input or output of a graph. */
export interface OnnxPort {
  readonly name: string;
  /** Number of the element type; 0 where the file does not say. */
  readonly type: number;
  /** Sizes: numbers, or names of those that are open; null where nothing is said. */
  readonly shape: readonly (number | string)[] | null;
}

/** A graph of operators in an order in which they can run. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

/** A file, taken apart; no weight is decoded. */
export interface OnnxModel {
  readonly messages: Messages;
  /** Version of ONNX' own operators. */
  readonly opset: number;
  readonly graph: OnnxGraph;
}

/** Most graphs inside one another. */
const MAX_DEPTH = 16;
/** Most dimensions of a tensor. */
const MAX_RANK = 16;

/**
 * Takes an `.onnx` file apart.
 *
 * @throws TfmotError `corrupt-file`, naming the offset; `unsupported-model` for weights in other files, or sparse ones.
 */
export function readModel(bytes: Uint8Array): OnnxModel {
  const messages = messagesIn(bytes);
  let graph: OnnxGraph | null = null;
  let opset = 0;
  eachField(messages, {from: 0, to: bytes.length}, field => {
    if (field.number === FIELDS.model.graph) graph = readGraph(messages, spanOf(field), 1);
    else if (field.number === FIELDS.model.operatorSet) opset = readOperatorSet(messages, spanOf(field)) ?? opset;
  });
  if (graph === null) throw corrupt(bytes.length, 'the file ends without a graph');
  return {messages, opset, graph};
}

/** The version of ONNX' own operators; null for another set. */
function readOperatorSet(messages: Messages, span: Span): number | null {
  let domain = '';
  let version = 0;
  eachField(messages, span, field => {
    if (field.number === FIELDS.operatorSet.domain) domain = textOf(messages, field);
    else if (field.number === FIELDS.operatorSet.version) version = integerOf(messages, field);
  });
  return isOwn(domain) ? version : null;
}

/** Whether a domain is that of ONNX' own operators. */
export function isOwn(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

function readGraph(messages: Messages, span: Span, depth: number): OnnxGraph {
  if (depth > MAX_DEPTH) throw corrupt(span.from, `graphs are nested more than ${MAX_DEPTH} deep`);
  const {graph: numbers} = FIELDS;
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxPort[] = [];
  const outputs: OnnxPort[] = [];
  eachField(messages, span, field => {
    switch (field.number) {
      case numbers.node:
        nodes.push(readNode(messages, spanOf(field), depth));
        break;
      case numbers.initializer:
        initializers.push(readTensor(messages, spanOf(field)));
        break;
      case numbers.input:
        inputs.push(readPort(messages, spanOf(field)));
        break;
      case numbers.output:
        outputs.push(readPort(messages, spanOf(field)));
        break;
      case numbers.sparseInitializer:
        throw sparse(field);
    }
  });
  return {nodes, initializers, inputs, outputs};
}

function sparse({from}: Field): TfmotError {
  return new TfmotError(
    'unsupported-model',
    `The .onnx model has a sparse tensor (at byte ${from}), which is not read. Store its weights densely.`,
  );
}

function readNode(messages: Messages, span: Span, depth: number): OnnxNode {
  const {node: numbers} = FIELDS;
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let [name, op, domain] = ['', '', ''];
  eachField(messages, span, field => {
    switch (field.number) {
      case numbers.input:
        inputs.push(textOf(messages, field));
        break;
      case numbers.output:
        outputs.push(textOf(messages, field));
        break;
      case numbers.name:
        name = textOf(messages, field);
        break;
      case numbers.operator:
        op = textOf(messages, field);
        break;
      case numbers.domain:
        domain = textOf(messages, field);
        break;
      case numbers.attribute: {
        const attribute = readAttribute(messages, spanOf(field), depth);
        attributes.set(attribute.name, attribute);
        break;
      }
    }
  });
  return {name: name || outputs[0] || op, op, domain, inputs, outputs, attributes};
}

function readAttribute(messages: Messages, span: Span, depth: number): OnnxAttribute & {readonly name: string} {
  const {attribute: numbers} = FIELDS;
  const [floats, ints, texts]: [number[], number[], string[]] = [[], [], []];
  const single: {-readonly [key in keyof OnnxAttribute]?: OnnxAttribute[key]} = {};
  let name = '';
  eachField(messages, span, field => {
    switch (field.number) {
      case numbers.name:
        name = textOf(messages, field);
        break;
      case numbers.float:
        single.float = floatOf(messages, field);
        break;
      case numbers.int:
        single.int = integerOf(messages, field);
        break;
      case numbers.text:
        single.text = textOf(messages, field);
        break;
      case numbers.tensor:
        single.tensor = readTensor(messages, spanOf(field));
        break;
      case numbers.graph:
        single.graph = readGraph(messages, spanOf(field), depth + 1);
        break;
      case numbers.floats:
        addFloats(messages, field, floats);
        break;
      case numbers.ints:
        addIntegers(messages, field, ints);
        break;
      case numbers.texts:
        texts.push(textOf(messages, field));
        break;
      case numbers.sparseTensor:
        throw sparse(field);
      case numbers.reference:
        throw new TfmotError(
          'unsupported-model',
          `The .onnx model has functions of its own: attribute '${name}' (at byte ${span.from}) refers to one. Inline them.`,
        );
    }
  });
  return {...single, name, floats, ints, texts};
}

function readTensor(messages: Messages, at: Span): OnnxTensor {
  const {tensor: numbers} = FIELDS;
  const shape: number[] = [];
  const listed: Field[] = [];
  let raw: Span | null = null;
  let [name, type, isElsewhere] = ['', 0, false];
  eachField(messages, at, field => {
    switch (field.number) {
      case numbers.dims:
        addIntegers(messages, field, shape);
        break;
      case numbers.type:
        type = integerOf(messages, field);
        break;
      case numbers.name:
        name = textOf(messages, field);
        break;
      case numbers.raw:
        raw = spanOf(field);
        break;
      case numbers.location:
        isElsewhere = integerOf(messages, field) === EXTERNAL;
        break;
      case numbers.floats:
      case numbers.int32s:
      case numbers.int64s:
      case numbers.doubles:
      case numbers.uint64s:
        listed.push(field);
        break;
      case numbers.segment:
        throw new TfmotError('unsupported-model', `Tensor '${name}' (at byte ${at.from}) is stored in segments.`);
    }
  });
  if (isElsewhere)
    throw new TfmotError(
      'unsupported-model',
      `The numbers of tensor '${name}' are in another file. Save the .onnx model with all its data inside.`,
    );
  if (shape.length > MAX_RANK || !shape.every(size => Number.isSafeInteger(size) && size >= 0))
    throw corrupt(at.from, `the shape of tensor '${name}' must be up to ${MAX_RANK} sizes, but is [${shape}]`);
  return {name, shape, type, raw, listed, at};
}

function readPort(messages: Messages, span: Span): OnnxPort {
  let name = '';
  let tensor: Span | null = null;
  eachField(messages, span, field => {
    if (field.number === FIELDS.valueInfo.name) name = textOf(messages, field);
    else if (field.number === FIELDS.valueInfo.type)
      eachField(messages, spanOf(field), inner => {
        if (inner.number === FIELDS.type.tensor) tensor = spanOf(inner);
      });
  });
  return {name, ...(tensor === null ? {type: 0, shape: null} : readTensorType(messages, tensor))};
}

function readTensorType(messages: Messages, span: Span): Pick<OnnxPort, 'type' | 'shape'> {
  let type = 0;
  let shape: (number | string)[] | null = null;
  eachField(messages, span, field => {
    if (field.number === FIELDS.tensorType.element) type = integerOf(messages, field);
    else if (field.number === FIELDS.tensorType.shape) shape = readShape(messages, spanOf(field));
  });
  return {type, shape};
}

function readShape(messages: Messages, span: Span): (number | string)[] {
  const sizes: (number | string)[] = [];
  eachField(messages, span, field => {
    if (field.number !== FIELDS.shape.dimension) return;
    let size: number | string = '';
    eachField(messages, spanOf(field), inner => {
      if (inner.number === FIELDS.dimension.value) size = integerOf(messages, inner);
      else if (inner.number === FIELDS.dimension.parameter) size = textOf(messages, inner);
    });
    sizes.push(size);
  });
  if (sizes.length > MAX_RANK) throw corrupt(span.from, `a shape has ${sizes.length} dimensions, over ${MAX_RANK}`);
  return sizes;
}

import {bytesField, type Field, floatField, intField, message, textField} from './protobuf.ts';

/** Attribute values of an ONNX node: whole numbers, lists of them, or text. Fractions are written as `{float}`. */
export type Attribute =
  | number
  | readonly number[]
  | string
  | {readonly float: number}
  | {readonly texts: readonly string[]};

/** A node, its inputs and outputs by name; an absent optional input is `''`. */
export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A constant of a graph. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A graph of float32 tensors. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly {readonly name: string; readonly shape: readonly number[]}[];
  readonly outputs: readonly string[];
}

const IR_VERSION = 8;
const OPSET = 17;
const FLOAT = 1;

/** Writes a graph as an ONNX file: field numbers of onnx.proto, IR version 8, operator set 17. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  return message([
    ...intField(1, IR_VERSION),
    ...bytesField(7, [
      ...graph.nodes.flatMap(node => bytesField(1, nodeFields(node))),
      ...textField(2, 'graph'),
      ...graph.constants.flatMap(constant => bytesField(5, constantFields(constant))),
      ...graph.inputs.flatMap(({name, shape}) => bytesField(11, valueFields(name, shape))),
      ...graph.outputs.flatMap(name => bytesField(12, valueFields(name))),
    ]),
    ...bytesField(8, [...textField(1, ''), ...intField(2, OPSET)]),
  ]);
}

function nodeFields({type, inputs, outputs, attributes = {}}: OnnxNode): Field {
  return [
    ...inputs.flatMap(name => textField(1, name)),
    ...outputs.flatMap(name => textField(2, name)),
    ...textField(4, type),
    ...Object.entries(attributes).flatMap(([name, value]) => bytesField(5, attributeFields(name, value))),
  ];
}

/** The last field is the attribute's type: 1 float, 2 int, 3 text, 7 ints, 8 texts. */
function attributeFields(name: string, value: Attribute): Field {
  const title = textField(1, name);
  if (typeof value === 'number') return [...title, ...intField(3, value), ...intField(20, 2)];
  if (typeof value === 'string') return [...title, ...textField(4, value), ...intField(20, 3)];
  if ('float' in value) return [...title, ...floatField(2, value.float), ...intField(20, 1)];
  if ('texts' in value) return [...title, ...value.texts.flatMap(text => textField(9, text)), ...intField(20, 8)];
  return [...title, ...value.flatMap(item => intField(8, item)), ...intField(20, 7)];
}

function constantFields({name, shape, values}: OnnxConstant): Field {
  return [
    ...shape.flatMap(size => intField(1, size)),
    ...intField(2, FLOAT),
    ...textField(8, name),
    ...bytesField(9, [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]),
  ];
}

function valueFields(name: string, shape?: readonly number[]): Field {
  const dimensions = shape?.flatMap(size => bytesField(1, intField(1, size)));
  const tensor = [...intField(1, FLOAT), ...(dimensions === undefined ? [] : bytesField(2, dimensions))];
  return [...textField(1, name), ...bytesField(2, bytesField(1, tensor))];
}

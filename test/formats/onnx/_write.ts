/** A few messages of ONNX, written by hand for tests: the numbers are those of the fields. */
type FieldValue = number | string | Uint8Array;

/** A message of fields in order: text and bytes behind their length, numbers as varints. */
export function message(...fields: readonly (readonly [number, FieldValue])[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [...varint(number * 8), ...varint(value)];
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

/** A stored float32 tensor. */
export function tensor(name: string, shape: readonly number[], numbers: readonly number[]): Uint8Array {
  const raw = new Uint8Array(Float32Array.from(numbers).buffer);
  return message(...shape.map(size => [1, size] as const), [2, 1], [8, name], [9, raw]);
}

/** A stored int64 tensor of whole numbers from 0. */
export function integers(name: string, numbers: readonly number[]): Uint8Array {
  return message([1, numbers.length], [2, 7], ...numbers.map(number => [7, number] as const), [8, name]);
}

/** An attribute of one whole number, or a graph. */
export function attribute(name: string, value: number | Uint8Array): Uint8Array {
  return typeof value === 'number' ? message([1, name], [3, value], [20, 2]) : message([1, name], [6, value], [20, 5]);
}

/** A node. */
export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly Uint8Array[] = [],
): Uint8Array {
  return message(
    ...inputs.map(name => [1, name] as const),
    ...outputs.map(name => [2, name] as const),
    [4, op],
    ...attributes.map(each => [5, each] as const),
  );
}

/** A float32 input or output; sizes are numbers, or names of open ones. */
export function port(name: string, shape: readonly (number | string)[]): Uint8Array {
  const sizes = shape.map(size => message(typeof size === 'number' ? [1, size] : [2, size]));
  const type = message([1, message([1, 1], [2, message(...sizes.map(size => [1, size] as const))])]);
  return message([1, name], [2, type]);
}

/** What a graph has. */
export interface GraphParts {
  readonly nodes: readonly Uint8Array[];
  readonly stored?: readonly Uint8Array[];
  readonly inputs?: readonly Uint8Array[];
  readonly outputs?: readonly Uint8Array[];
}

/** A graph. */
export function graph({nodes, stored = [], inputs = [], outputs = [port('y', [])]}: GraphParts): Uint8Array {
  return message(
    ...nodes.map(each => [1, each] as const),
    [2, 'graph'],
    ...stored.map(each => [5, each] as const),
    ...inputs.map(each => [11, each] as const),
    ...outputs.map(each => [12, each] as const),
  );
}

/** The file of a model. */
export function model(parts: GraphParts, opset = 13): Uint8Array {
  return message([1, 8], [7, graph(parts)], [8, message([1, ''], [2, opset])]);
}

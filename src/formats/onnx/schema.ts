/** Numbers of the fields of ONNX' messages, of those that are read (onnx.proto3 of the ONNX project). */
export const FIELDS = {
  attribute: {
    name: 1,
    float: 2,
    int: 3,
    text: 4,
    tensor: 5,
    graph: 6,
    floats: 7,
    ints: 8,
    texts: 9,
    reference: 21,
    sparseTensor: 22,
  },
  dimension: {value: 1, parameter: 2},
  graph: {node: 1, name: 2, initializer: 5, input: 11, output: 12, sparseInitializer: 15},
  model: {irVersion: 1, graph: 7, operatorSet: 8},
  node: {input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7},
  operatorSet: {domain: 1, version: 2},
  shape: {dimension: 1},
  tensor: {
    dims: 1,
    type: 2,
    segment: 3,
    floats: 4,
    int32s: 5,
    strings: 6,
    int64s: 7,
    name: 8,
    raw: 9,
    doubles: 10,
    uint64s: 11,
    location: 14,
  },
  tensorType: {element: 1, shape: 2},
  type: {tensor: 1},
  valueInfo: {name: 1, type: 2},
} as const;

/** Value of `location` that says that a tensor's bytes are in another file. */
export const EXTERNAL = 1;

/** What the elements of a tensor are. */
export interface ElementType {
  readonly name: string;
  readonly numbers: 'float' | 'int' | 'bool';
  /** Bytes of one in `raw`. */
  readonly bytes: number;
  /** The field that lists them where they are not in `raw`. */
  readonly listed: 'floats' | 'int32s' | 'int64s' | 'doubles' | 'uint64s';
}

const of = (
  name: string,
  numbers: ElementType['numbers'],
  bytes: number,
  listed: ElementType['listed'],
): ElementType => ({name, numbers, bytes, listed});

/** Element types by their numbers, of those that are read. */
export const ELEMENT_TYPES: Readonly<Record<number, ElementType>> = {
  1: of('float', 'float', 4, 'floats'),
  2: of('uint8', 'int', 1, 'int32s'),
  3: of('int8', 'int', 1, 'int32s'),
  4: of('uint16', 'int', 2, 'int32s'),
  5: of('int16', 'int', 2, 'int32s'),
  6: of('int32', 'int', 4, 'int32s'),
  7: of('int64', 'int', 8, 'int64s'),
  9: of('bool', 'bool', 1, 'int32s'),
  10: of('float16', 'float', 2, 'int32s'),
  11: of('double', 'float', 8, 'doubles'),
  12: of('uint32', 'int', 4, 'uint64s'),
  13: of('uint64', 'int', 8, 'uint64s'),
  16: of('bfloat16', 'float', 2, 'int32s'),
};

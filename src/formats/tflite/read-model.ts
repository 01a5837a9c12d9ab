import {TfmotError} from '../../errors.ts';
import {
  type ByteRange,
  boolField,
  bytesField,
  corrupt,
  float32Field,
  float32sField,
  hasField,
  int8Field,
  int32Field,
  int32sField,
  int64sField,
  openFlatBuffer,
  stringField,
  type Table,
  tableField,
  tablesField,
  uint8Field,
  uint32Field,
  uint64Field,
} from './read-flatbuffer.ts';
import {FILE_IDENTIFIER, SCHEMA_VERSION, TABLES, TENSOR_TYPES, type TensorType} from './schema.ts';
import {OPERATORS, type OperatorName, type OperatorSchema} from './schema-operators.ts';

/** A `.tflite` file as plain data. Bytes of weights are ranges of the file, nothing of them is read yet. */
export interface TfliteModel {
  readonly bytes: Uint8Array;
  /** The model itself, then graphs that its operators run. */
  readonly graphs: readonly [TfliteGraph, ...TfliteGraph[]];
}

/** Tensors and the operators over them, in the order in which they run. */
export interface TfliteGraph {
  readonly tensors: readonly TfliteTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly TfliteOperator[];
}

/** `real = scale * (stored - zeroPoint)`, one pair, or one for each place along `axis`. */
export interface Quantization {
  readonly scales: readonly number[];
  /** As many as there are scales. */
  readonly zeroPoints: readonly number[];
  readonly axis: number;
}

export interface TfliteTensor {
  /** May be empty, or that of another tensor too. */
  readonly name: string;
  /** With the batch. */
  readonly shape: readonly number[];
  /** Where a size is open, -1 in place of it; null where none is said to be. */
  readonly signature: readonly number[] | null;
  /** `other` for those that nothing here reads. */
  readonly type: TensorType | 'other';
  /** Index of its buffer: tensors may share one. */
  readonly buffer: number;
  /** Where its content lies in the file; null for what operators compute. */
  readonly content: ByteRange | null;
  readonly quantization: Quantization | null;
  /** The table that says how a sparse tensor is stored; null for a dense one. */
  readonly sparsity: Table | null;
  readonly isVariable: boolean;
}

/** Options by name; absent ones have the format's default. */
export type Options = Readonly<Record<string, number | boolean | readonly number[]>>;

export interface TfliteOperator {
  /** Name in the format, such as `CONV_2D`; that of a custom operator, or `operator 200` for one without a row. */
  readonly name: string;
  readonly isCustom: boolean;
  /** Indices of tensors; -1 where an input is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: Options;
  /** Options of a custom operator, whose layout only its makers know. */
  readonly customOptions: Uint8Array;
}

const TYPE_NAMES: ReadonlyMap<number, TensorType> = new Map(
  Object.entries(TENSOR_TYPES).map(([name, number]) => [number, name as TensorType]),
);
const OPERATOR_NAMES: ReadonlyMap<number, string> = new Map(
  Object.keys(OPERATORS).map(name => [OPERATORS[name as OperatorName].code, name]),
);

/** Operators that are known by name alone, so that messages can name them. */
const OTHER_NAMES: Readonly<Record<number, string>> = {
  13: 'LOCAL_RESPONSE_NORMALIZATION',
  16: 'LSTM',
  24: 'RNN',
  27: 'SVDF',
  46: 'BIDIRECTIONAL_SEQUENCE_RNN',
  48: 'TOPK_V2',
  52: 'BIDIRECTIONAL_SEQUENCE_LSTM',
  84: 'LOGICAL_OR',
  85: 'ONE_HOT',
  86: 'LOGICAL_AND',
  87: 'LOGICAL_NOT',
  91: 'REDUCE_ANY',
  93: 'ZEROS_LIKE',
  94: 'FILL',
  95: 'FLOOR_MOD',
  96: 'RANGE',
  107: 'GATHER_ND',
  110: 'WHERE',
  112: 'REVERSE_SEQUENCE',
  118: 'IF',
  119: 'WHILE',
  122: 'SCATTER_ND',
  128: 'CUMSUM',
  129: 'CALL_ONCE',
  131: 'RFFT2D',
  132: 'CONV_3D',
  142: 'VAR_HANDLE',
  156: 'ATAN2',
};
const CUSTOM_CODE = 32;

/**
 * Reads the tables of a `.tflite` file.
 *
 * @throws TfmotError `corrupt-file` naming the offset; `unsupported-model` for another version of the format.
 */
export function readModel(bytes: Uint8Array): TfliteModel {
  const root = openFlatBuffer(bytes, FILE_IDENTIFIER);
  const version = uint32Field(root, TABLES.model.version);
  if (version !== SCHEMA_VERSION)
    throw new TfmotError(
      'unsupported-model',
      `A .tflite file must be of version ${SCHEMA_VERSION}, but is of ${version}.`,
    );
  const contents = tablesField(root, TABLES.model.buffers).map(contentOf);
  const codes = tablesField(root, TABLES.model.operatorCodes).map(operatorCode);
  const [main, ...others] = tablesField(root, TABLES.model.subgraphs).map(table => readGraph(table, codes, contents));
  if (main === undefined) throw corrupt(root.at, 'a model without a graph');
  return {bytes, graphs: [main, ...others]};
}

function readGraph(graph: Table, codes: readonly OperatorCode[], contents: readonly (ByteRange | null)[]): TfliteGraph {
  const tensors = tablesField(graph, TABLES.subgraph.tensors).map(table => readTensor(table, contents));
  const indices = (table: Table, field: number, least: number): readonly number[] => {
    const given = int32sField(table, field);
    const wrong = given.find(index => index < least || index >= tensors.length);
    if (wrong !== undefined) throw corrupt(table.at, `tensor ${wrong} of ${tensors.length}`);
    return given;
  };
  return {
    tensors,
    inputs: indices(graph, TABLES.subgraph.inputs, 0),
    outputs: indices(graph, TABLES.subgraph.outputs, 0),
    operators: tablesField(graph, TABLES.subgraph.operators).map(table => {
      const code = codes[uint32Field(table, TABLES.operator.codeIndex)];
      if (code === undefined) throw corrupt(table.at, 'an operator whose code is not in the file');
      const custom = bytesField(table, TABLES.operator.customOptions);
      return {
        name: code.name,
        isCustom: code.isCustom,
        inputs: indices(table, TABLES.operator.inputs, -1),
        outputs: indices(table, TABLES.operator.outputs, 0),
        options: readOptions(tableField(table, TABLES.operator.options), code.schema),
        customOptions: custom === null ? new Uint8Array(0) : table.file.bytes.subarray(custom.from, custom.to),
      };
    }),
  };
}

/** Where the content of a buffer lies; null for an empty one. */
function contentOf(table: Table): ByteRange | null {
  const data = bytesField(table, TABLES.buffer.data);
  if (data !== null && data.to > data.from) return data;
  // Files of over 2 GiB have it behind all tables; smaller offsets are marks of tools.
  const from = uint64Field(table, TABLES.buffer.offset);
  const to = from + uint64Field(table, TABLES.buffer.size);
  if (from <= 1 || from === to) return null;
  if (to > table.file.bytes.length)
    throw corrupt(table.at, `a buffer that ends at byte ${to}, behind the end of the file`);
  return {from, to};
}

interface OperatorCode extends Pick<TfliteOperator, 'name' | 'isCustom'> {
  readonly schema: OperatorSchema | null;
}

function operatorCode(table: Table): OperatorCode {
  const {deprecatedCode, code, customCode} = TABLES.operatorCode;
  const number = Math.max(int8Field(table, deprecatedCode), int32Field(table, code));
  if (number === CUSTOM_CODE) return {name: stringField(table, customCode), isCustom: true, schema: null};
  const name = OPERATOR_NAMES.get(number);
  if (name !== undefined) return {name, isCustom: false, schema: OPERATORS[name as OperatorName]};
  return {name: OTHER_NAMES[number] ?? `operator ${number}`, isCustom: false, schema: null};
}

function readTensor(table: Table, contents: readonly (ByteRange | null)[]): TfliteTensor {
  const fields = TABLES.tensor;
  const name = stringField(table, fields.name);
  const type = TYPE_NAMES.get(uint8Field(table, fields.type)) ?? 'other';
  const shape = int32sField(table, fields.shape);
  if (shape.some(size => size < 0)) throw corrupt(table.at, `a tensor of shape [${shape}]`);
  const buffer = uint32Field(table, fields.buffer);
  if (buffer >= Math.max(1, contents.length)) throw corrupt(table.at, `buffer ${buffer} of ${contents.length}`);
  const signature = int32sField(table, fields.shapeSignature);
  const quantization = tableField(table, fields.quantization);
  return {
    name,
    shape,
    signature: signature.length === shape.length && signature.includes(-1) ? signature : null,
    type,
    buffer,
    content: contents[buffer] ?? null,
    quantization: quantization === null ? null : readQuantization(quantization, shape),
    sparsity: tableField(table, fields.sparsity),
    isVariable: boolField(table, fields.isVariable),
  };
}

function readQuantization(table: Table, shape: readonly number[]): Quantization | null {
  const fields = TABLES.quantization;
  const scales = float32sField(table, fields.scale);
  if (scales.length === 0) return null;
  const given = int64sField(table, fields.zeroPoint);
  const axis = int32Field(table, fields.dimension);
  if (scales.length > 1 && scales.length !== shape[axis])
    throw corrupt(table.at, `${scales.length} scales along dimension ${axis} of a tensor [${shape}]`);
  if (given.length > 1 && given.length !== scales.length)
    throw corrupt(table.at, `${given.length} zero points for ${scales.length} scales`);
  if (!scales.every(Number.isFinite)) throw corrupt(table.at, 'a scale that is not finite');
  return {scales, zeroPoints: scales.map((_, i) => given[i] ?? given[0] ?? 0), axis};
}

const READERS = {
  bool: (table: Table, field: number, absent: number | boolean) =>
    boolField(table, field, absent !== 0 && absent !== false),
  float32: (table: Table, field: number, absent: number | boolean) => float32Field(table, field, Number(absent)),
  int32: (table: Table, field: number, absent: number | boolean) => int32Field(table, field, Number(absent)),
  int32s: (table: Table, field: number) => int32sField(table, field),
  int8: (table: Table, field: number, absent: number | boolean) => int8Field(table, field, Number(absent)),
} as const;

/** The options of an operator that has a row; those of another table, or none, give the defaults. */
function readOptions(table: Table | null, schema: OperatorSchema | null): Options {
  const options: Record<string, number | boolean | readonly number[]> = {};
  for (const [name, [field, kind, absent = 0]] of Object.entries(schema?.options?.fields ?? {})) {
    if (table !== null && hasField(table, field)) options[name] = READERS[kind](table, field, absent);
    else options[name] = kind === 'int32s' ? [] : kind === 'bool' ? Boolean(absent) : Number(absent);
  }
  return options;
}

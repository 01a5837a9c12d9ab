import type {Offset} from 'flatbuffers';
import {Builder} from 'flatbuffers';
import {TfmotError} from '../../../errors.ts';
import {DIMENSION_FORMATS, FILE_IDENTIFIER, SCHEMA_VERSION, SPARSE_VECTORS, TABLES, TENSOR_TYPES} from '../schema.ts';
import {OPERATORS} from '../schema-operators.ts';
import type {Content, FileModel, FileOperator, FileTensor, Quantization, Sparsity, Whole} from './file-model.ts';
import type {FieldValue} from './flat-table.ts';
import {CONTENT_ALIGNMENT, writeBytes, writeNumbers, writeOffsets, writeTable} from './flat-table.ts';
import {versionOf} from './versions.ts';

/** What the tables, names and vectors of one tensor or operator take, about. */
const BYTES_EACH = 400;

/** Offsets of a FlatBuffer are signed and 32 bits wide. */
const MAX_BYTES = 2 ** 31 - 2 ** 20;

/**
 * The bytes of a file.
 *
 * @param description Words for people, of any length.
 * @throws TfmotError `memory-limit` for more than 2 GiB.
 */
export function serialize(model: FileModel, description: string): Uint8Array {
  const {tensors, operators, inputs, outputs} = model;
  const grids = new Map<Quantization, Offset>();
  const contents = new Map<Content, number>();
  for (const {constant} of tensors)
    if (constant !== null && !contents.has(constant.content)) contents.set(constant.content, contents.size + 1);
  const builder = new Builder(bytesOf(model, contents.keys()));
  const offset = (at: Offset): FieldValue => ['offset', at];
  const vector = <T>(items: readonly T[], write: (item: T) => Offset): FieldValue =>
    offset(writeOffsets(builder, items.map(write)));
  const whole = (values: readonly number[]): FieldValue => offset(writeNumbers(builder, 'int32', values));
  const text = (value: string): FieldValue => offset(builder.createString(value));

  // What is written first lies last: the content behind everything that is small.
  const buffers = vector([null, ...contents.keys()], content =>
    writeTable(
      builder,
      TABLES.buffer,
      content === null ? {} : {data: offset(writeBytes(builder, content, CONTENT_ALIGNMENT))},
    ),
  );
  const versions = operators.map(operator => versionOf(operator, tensors));
  const codes = [...new Set(operators.map(({name}, i) => `${OPERATORS[name].code} ${versions[i]}`))];
  const subgraph = {
    tensors: vector(tensors, tensor => writeTensor(builder, tensor, contents, grids)),
    inputs: whole(inputs.map(({tensor}) => tensor)),
    outputs: whole(outputs.map(({tensor}) => tensor)),
    operators: vector([...operators.keys()], i => {
      const operator = operators[i]!;
      return writeOperator(builder, operator, codes.indexOf(`${OPERATORS[operator.name].code} ${versions[i]}`));
    }),
    name: text('main'),
  };
  const root = writeTable(builder, TABLES.model, {
    subgraphs: vector([subgraph], fields => writeTable(builder, TABLES.subgraph, fields)),
    operatorCodes: vector(codes, code => writeCode(builder, code)),
    signatures: vector([model], ports => writeSignature(builder, ports)),
    description: text(description),
    buffers,
    version: ['int32', SCHEMA_VERSION],
  });
  builder.finish(root, FILE_IDENTIFIER);
  return builder.asUint8Array();
}

/** Enough for the whole file, so that the builder does not copy what it has in order to grow. */
function bytesOf({tensors, operators}: FileModel, contents: Iterable<Content>): number {
  let bytes = (tensors.length + operators.length + 8) * BYTES_EACH;
  for (const {byteLength} of contents) bytes += byteLength + CONTENT_ALIGNMENT;
  for (const {constant, quantization} of tensors) {
    const {segments, indices} = constant?.sparsity ?? {};
    bytes += 4 * ((segments?.values.length ?? 0) + (indices?.values.length ?? 0));
    bytes += 12 * (quantization?.scales.length ?? 0);
  }
  if (bytes <= MAX_BYTES) return bytes;
  throw new TfmotError(
    'memory-limit',
    `A .tflite file must stay below 2 GiB, but this one would take ${bytes} bytes. Convert with weights: 'int8', or a smaller model.`,
  );
}

/** Tensors on one grid share its table. */
function writeTensor(
  builder: Builder,
  tensor: FileTensor,
  contents: ReadonlyMap<Content, number>,
  grids: Map<Quantization, Offset>,
): Offset {
  const {name, shape, type, constant, quantization, isVariable} = tensor;
  const sparsity = constant?.sparsity ?? null;
  if (quantization !== null && !grids.has(quantization))
    grids.set(quantization, writeQuantization(builder, quantization));
  return writeTable(builder, TABLES.tensor, {
    shape: ['offset', writeNumbers(builder, 'int32', shape)],
    name: ['offset', builder.createString(name)],
    ...(quantization && {quantization: ['offset', grids.get(quantization)!]}),
    ...(sparsity && {sparsity: ['offset', writeSparsity(builder, sparsity, shape)]}),
    buffer: ['int32', constant === null ? 0 : contents.get(constant.content)!],
    type: ['int8', TENSOR_TYPES[type]],
    ...(isVariable && {isVariable: ['bool', true]}),
  });
}

function writeQuantization(builder: Builder, {scales, zeroPoints, dimension}: Quantization): Offset {
  return writeTable(builder, TABLES.quantization, {
    scale: ['offset', writeNumbers(builder, 'float32', scales)],
    zeroPoint: ['offset', writeNumbers(builder, 'int64', zeroPoints)],
    dimension: ['int32', dimension],
  });
}

/** Every dimension dense but the last, which is compressed, and blocks of it, dense again. */
function writeSparsity(builder: Builder, {block, segments, indices}: Sparsity, shape: readonly number[]): Offset {
  const dense = (size: number): Offset =>
    writeTable(builder, TABLES.sparseDimension, {
      denseSize: ['int32', size],
      format: ['int8', DIMENSION_FORMATS.dense],
    });
  const vector = ({type, values}: Whole): Offset => {
    const narrow = type === 'int32' ? values : type === 'uint16' ? Uint16Array.from(values) : Uint8Array.from(values);
    const bytes = type === 'int32' ? writeNumbers(builder, 'int32', values) : writeIndices(builder, narrow);
    return writeTable(builder, TABLES.sparseVector, {values: ['offset', bytes]});
  };
  const compressed = writeTable(builder, TABLES.sparseDimension, {
    segments: ['offset', vector(segments)],
    indices: ['offset', vector(indices)],
    format: ['int8', DIMENSION_FORMATS.compressed],
    segmentsType: ['int8', SPARSE_VECTORS[segments.type]],
    indicesType: ['int8', SPARSE_VECTORS[indices.type]],
  });
  const rank = shape.length;
  const dimensions = [...shape.slice(0, -1).map(dense), compressed, ...(block > 1 ? [dense(block)] : [])];
  return writeTable(builder, TABLES.sparsity, {
    traversalOrder: ['offset', writeNumbers(builder, 'int32', [...dimensions.keys()])],
    ...(block > 1 && {blockMap: ['offset', writeNumbers(builder, 'int32', [rank - 1])]}),
    dimensions: ['offset', writeOffsets(builder, dimensions)],
  });
}

/** A vector of unsigned numbers of one or two bytes. */
function writeIndices(builder: Builder, values: Int32Array | Uint16Array | Uint8Array): Offset {
  if (values.BYTES_PER_ELEMENT === 1) return writeBytes(builder, values, 4);
  builder.startVector(2, values.length, 4);
  for (let i = values.length - 1; i >= 0; i--) builder.addInt16(values[i]!);
  return builder.endVector();
}

function writeOperator(builder: Builder, {name, inputs, outputs, options}: FileOperator, codeIndex: number): Offset {
  const schema = OPERATORS[name].options;
  const table =
    schema &&
    writeTable(
      builder,
      Object.fromEntries(Object.entries(schema.fields).map(([field, [number]]) => [field, number])),
      Object.fromEntries(
        Object.entries(options).map(([field, value]): [string, FieldValue] => {
          const kind = schema.fields[field]![1];
          if (kind === 'int32s') return [field, ['offset', writeNumbers(builder, 'int32', value as readonly number[])]];
          return [field, [kind, value] as FieldValue];
        }),
      ),
    );
  return writeTable(builder, TABLES.operator, {
    inputs: ['offset', writeNumbers(builder, 'int32', inputs)],
    outputs: ['offset', writeNumbers(builder, 'int32', outputs)],
    ...(table !== null && {options: ['offset', table]}),
    codeIndex: ['int32', codeIndex],
    ...(schema && {optionsType: ['int8', schema.union]}),
  });
}

function writeCode(builder: Builder, code: string): Offset {
  const [builtin, version] = code.split(' ').map(Number) as [number, number];
  return writeTable(builder, TABLES.operatorCode, {
    version: ['int32', version],
    code: ['int32', builtin],
    deprecatedCode: ['int8', Math.min(127, builtin)],
  });
}

/** The names of inputs and outputs, by which programs ask for them. */
function writeSignature(builder: Builder, {inputs, outputs}: FileModel): Offset {
  const ports = (list: FileModel['inputs']): FieldValue => [
    'offset',
    writeOffsets(
      builder,
      list.map(({name, tensor}) =>
        writeTable(builder, TABLES.signatureTensor, {
          name: ['offset', builder.createString(name)],
          tensor: ['int32', tensor],
        }),
      ),
    ),
  ];
  return writeTable(builder, TABLES.signature, {
    inputs: ports(inputs),
    outputs: ports(outputs),
    key: ['offset', builder.createString('serving_default')],
    subgraph: ['int32', 0],
  });
}

import type {ChannelLevels} from '../../../artifacts/open-model.ts';
import {TfmotError} from '../../../errors.ts';
import {openFlatBuffer} from '../read-flatbuffer.ts';
import {readModel} from '../read-model.ts';
import {isStored} from '../read-values.ts';
import {FILE_IDENTIFIER, TABLES, TENSOR_TYPES} from '../schema.ts';
import {OPERATORS} from '../schema-operators.ts';
import {fileOf, nodeOf, replaceNumber, textOf, vectorOf} from './build.ts';
import {listIn, MODEL, type Node, takeOut} from './tree.ts';

/** From this version on DEQUANTIZE takes int8 with a scale a channel. */
const DEQUANTIZE_VERSION = 2;

/**
 * A file with some of its float32 and float16 weights as int8, which DEQUANTIZE operators widen as the model is loaded:
 * the form that every runtime computes right. All else stays as it was.
 *
 * @param weights By where their content begins in the file; none of them sparse.
 * @throws TfmotError `unsupported-model` for a file with options that are new to this library.
 */
export function withInt8(file: Uint8Array, weights: ReadonlyMap<number, ChannelLevels>): Uint8Array {
  const {graphs} = readModel(file);
  const model = takeOut(openFlatBuffer(file, FILE_IDENTIFIER), MODEL);
  const buffers = listIn(model, TABLES.model.buffers);
  if (
    graphs.some(({tensors}) =>
      tensors.some(tensor => tensor.content !== null && !holdsContent(buffers[tensor.buffer]!)),
    )
  )
    throw new TfmotError(
      'unsupported-model',
      'A .tflite file with weights behind its tables can change them in their places alone.',
    );
  const dequantize = memoized(() => dequantizeCode(listIn(model, TABLES.model.operatorCodes)));
  listIn(model, TABLES.model.subgraphs).forEach((graph, g) => {
    const tensors = listIn(graph, TABLES.subgraph.tensors);
    const added: Node[] = [];
    graphs[g]!.tensors.forEach((tensor, i) => {
      const weight = tensor.content === null ? undefined : weights.get(tensor.content.from);
      if (weight === undefined || !isStored(tensor)) return;
      buffers[tensor.buffer]!.children.set(TABLES.buffer.data, vectorOf(weight.levels));
      const node = tensors[i]!;
      // A float16 tensor is widened by a DEQUANTIZE of the file's own, which takes int8 too.
      if (tensor.type === 'float16') tensors[i] = asInt8(node, weight);
      else {
        const stored = tensors.push(int8Tensor(node, `${tensor.name}/int8`, tensor.buffer, weight)) - 1;
        replaceNumber(node, TABLES.tensor.buffer, 0, 4);
        added.push(dequantizeOf(dequantize(), stored, i));
      }
    });
    const operators = listIn(graph, TABLES.subgraph.operators);
    operators.unshift(...added);
  });
  return fileOf(model, FILE_IDENTIFIER, file.length * 4 + 2 ** 16);
}

const holdsContent = ({children}: Node): boolean => children.has(TABLES.buffer.data);

function quantizationOf({scales, axis}: ChannelLevels): Node {
  const {scale, zeroPoint, dimension} = TABLES.quantization;
  return nodeOf({
    [scale]: vectorOf(scales),
    [zeroPoint]: vectorOf(new BigInt64Array(scales.length)),
    [dimension]: {value: axis, bytes: 4},
  });
}

/** The same tensor, with levels for content. */
function asInt8(node: Node, weight: ChannelLevels): Node {
  const {type, buffer, shape, name} = TABLES.tensor;
  const view = new DataView(node.inline.buffer, node.inline.byteOffset);
  const at = node.fields[buffer] ?? 0;
  return nodeOf({
    [shape]: node.children.get(shape)!,
    [type]: {value: TENSOR_TYPES.int8, bytes: 1},
    [buffer]: {value: at === 0 ? 0 : view.getUint32(at, true), bytes: 4},
    [name]: node.children.get(name) ?? textOf(''),
    [TABLES.tensor.quantization]: quantizationOf(weight),
  });
}

function int8Tensor(like: Node, name: string, buffer: number, weight: ChannelLevels): Node {
  const fields = TABLES.tensor;
  return nodeOf({
    [fields.shape]: like.children.get(fields.shape)!,
    [fields.type]: {value: TENSOR_TYPES.int8, bytes: 1},
    [fields.buffer]: {value: buffer, bytes: 4},
    [fields.name]: textOf(name),
    [fields.quantization]: quantizationOf(weight),
  });
}

/** The place of DEQUANTIZE among the operator codes; a new one where none is of the version that is needed. */
function dequantizeCode(codes: Node[]): number {
  const {deprecatedCode, version, code} = TABLES.operatorCode;
  const number = OPERATORS.DEQUANTIZE.code;
  return (
    codes.push(
      nodeOf({
        [deprecatedCode]: {value: number, bytes: 1},
        [version]: {value: DEQUANTIZE_VERSION, bytes: 4},
        [code]: {value: number, bytes: 4},
      }),
    ) - 1
  );
}

function dequantizeOf(code: number, from: number, to: number): Node {
  const {codeIndex, inputs, outputs} = TABLES.operator;
  return nodeOf({
    [codeIndex]: {value: code, bytes: 4},
    [inputs]: vectorOf(Int32Array.of(from)),
    [outputs]: vectorOf(Int32Array.of(to)),
  });
}

function memoized<T>(make: () => T): () => T {
  let made: {readonly value: T} | undefined;
  return () => {
    made ??= {value: make()};
    return made.value;
  };
}

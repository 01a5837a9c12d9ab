import type {FileModel, FileOperator, FileTensor} from '../file-model.ts';
import type {Rows} from './compress.ts';
import {bytesCompressed, compress, countBlocks} from './compress.ts';
import type {Precision} from './forms.ts';
import {blocksFor} from './forms.ts';
import type {Packed} from './pack.ts';
import {pack} from './pack.ts';

/** How weights are stored; everything is computed on floats, except on `levels`. */
export interface WeightStorage {
  readonly precision: Precision;
  /** Leave zeros out where that saves at least this share of a kernel's bytes, 0 to 1; null for never. */
  readonly sparseFrom: number | null;
  /** Give sparse kernels of dense layers one scale instead of one for each output: smaller, a bit less exact. */
  readonly oneScale: boolean;
}

/** Kernels and tables with fewer elements stay floats: what unpacks them would take as much as they do. */
const MIN_ELEMENTS = 512;

/**
 * The same file with kernels in fewer bits or without their zeros, and operators before all others that unpack them.
 */
export function storeWeights(model: FileModel, {precision, sparseFrom, oneScale}: WeightStorage): FileModel {
  const keeps = precision === 'float32' || precision === 'levels';
  const tensors = [...model.tensors];
  const unpacking: FileOperator[] = [];
  const unpacked = new Map<number, number>();
  const readers = readersOf(model);

  const unpack = (name: 'DENSIFY' | 'DEQUANTIZE', from: number, to: FileTensor): number => {
    const output = tensors.push(to) - 1;
    unpacking.push({name, inputs: [from], outputs: [output], options: {}, layer: to.name});
    return output;
  };
  const store = (index: number, packed: Packed, rows: Rows | null): void => {
    const {constant, ...tensor} = model.tensors[index]!;
    const {type, content, quantization} = packed;
    const stored = rows === null ? {content, sparsity: null} : compress(content, rows);
    tensors[index] = {...tensor, type, quantization, constant: {...constant!, ...stored}};
    const dense = rows === null ? index : unpack('DENSIFY', index, {...tensor, type, quantization, constant: null});
    const floats = keeps ? dense : unpack('DEQUANTIZE', dense, {...tensor, constant: null});
    unpacked.set(index, floats);
  };

  for (const [index, {name, shape, type, quantization, constant}] of model.tensors.entries()) {
    if (constant?.role !== 'kernel' || constant.content.length < MIN_ELEMENTS) continue;
    const packed = (one: boolean): Packed =>
      precision === 'levels'
        ? {type, content: constant.content, quantization}
        : pack(name, constant, shape, precision, one);
    const names = readers.get(index)!;
    const blocks = blocksFor(precision, names);
    const dense = packed(false);
    const rows = sparseFrom === null ? null : smallest(dense, shape.at(-1)!, blocks, sparseFrom);
    const shared = oneScale && precision === 'int8' && rows !== null && names.every(each => each === 'FULLY_CONNECTED');
    if (rows !== null || !keeps) store(index, shared ? packed(true) : dense, rows);
  }
  if (precision === 'float16') {
    // A bias of floats beside a kernel of halves keeps runtimes from their fast path, or makes them compute garbage.
    for (const {inputs} of model.operators) {
      const {name, shape, constant = null} = model.tensors[inputs[2] ?? -1] ?? {};
      if (constant?.role !== 'bias' || !unpacked.has(inputs[1]!) || unpacked.has(inputs[2]!)) continue;
      store(inputs[2]!, pack(name!, constant, shape!, precision), null);
    }
  }
  const operators = model.operators.map(operator => ({
    ...operator,
    inputs: operator.inputs.map(tensor => unpacked.get(tensor) ?? tensor),
  }));
  const stored = {...model, tensors, operators: [...unpacking, ...operators]};
  return keeps ? stored : storeTables(stored, precision);
}

/** Tables in fewer bits: whoever looks rows up gets the stored elements, which only then become floats. */
function storeTables(model: FileModel, precision: 'float16' | 'int8'): FileModel {
  const tensors = [...model.tensors];
  const operators = model.operators.flatMap((operator): readonly FileOperator[] => {
    const [table, indices] = operator.inputs as [number, number];
    const {name, shape, constant} = model.tensors[table]!;
    if (constant?.role !== 'table' || constant.content.length < MIN_ELEMENTS) return [operator];
    if (tensors[table]!.type === 'float32') {
      const {type, content, quantization} = pack(name, constant, shape, precision);
      tensors[table] = {...tensors[table]!, type, quantization, constant: {...constant, content}};
    }
    const {type, quantization} = tensors[table]!;
    const {layer} = operator;
    const [output] = operator.outputs as [number];
    if (precision === 'float16') {
      const floats = tensors.push({...model.tensors[table]!, constant: null}) - 1;
      return [
        {name: 'DEQUANTIZE', inputs: [table], outputs: [floats], options: {}, layer},
        {...operator, inputs: [floats, indices]},
      ];
    }
    const rows = tensors.push({...tensors[output]!, type, quantization, source: null}) - 1;
    return [
      {...operator, outputs: [rows]},
      {name: 'DEQUANTIZE', inputs: [rows], outputs: [output], options: {}, layer},
    ];
  });
  return {...model, tensors, operators};
}

/** The blocks that make a constant smallest, if that saves enough. */
function smallest({content}: Packed, width: number, blocks: readonly number[], sparseFrom: number): Rows | null {
  let best: Rows | null = null;
  let bytes = content.byteLength * (1 - sparseFrom);
  for (const block of blocks) {
    if (width % block !== 0) continue;
    const taken = bytesCompressed(content, {width, block}, countBlocks(content, block));
    if (taken >= bytes) continue;
    best = {width, block};
    bytes = taken;
  }
  return best;
}

/** The names of the operators that read each tensor. */
function readersOf({operators}: FileModel): ReadonlyMap<number, readonly FileOperator['name'][]> {
  const readers = new Map<number, FileOperator['name'][]>();
  for (const {name, inputs} of operators)
    for (const tensor of inputs) readers.set(tensor, [...(readers.get(tensor) ?? []), name]);
  return readers;
}

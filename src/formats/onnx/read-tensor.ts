import {decodeNumbers} from '../../artifacts/decode.ts';
import {TfmotError} from '../../errors.ts';
import {sizeOf} from '../../graph/tensor.ts';
import {type Constant, constantOf} from '../fold/value.ts';
import type {OnnxTensor} from './read-model.ts';
import {addFloats, addIntegers, corrupt, type Messages, type Span, signed} from './read-protobuf.ts';
import {ELEMENT_TYPES, type ElementType, FIELDS} from './schema.ts';

/** What the elements of a tensor are; undefined for texts, complex numbers and those of less than a byte. */
export function elementTypeOf({type}: Pick<OnnxTensor, 'type'>): ElementType | undefined {
  return ELEMENT_TYPES[type];
}

/**
 * The numbers of a tensor.
 *
 * @param name What the constant is called.
 * @throws TfmotError `corrupt-file` where the file does not hold as many as the shape says, `unsupported-model` for
 *     elements that are no numbers of whole bytes.
 */
export function constantIn(messages: Messages, tensor: OnnxTensor, name: string): Constant {
  const type = elementTypeOf(tensor);
  if (type === undefined)
    throw new TfmotError(
      'unsupported-model',
      `Tensor '${name}' (at byte ${tensor.at.from}) has elements of type ${tensor.type}, which are not read.`,
    );
  const data = tensor.raw === null ? listedNumbers(messages, tensor, type) : rawNumbers(messages, tensor.raw, type);
  if (data.length !== sizeOf(tensor.shape))
    throw corrupt(tensor.at.from, `tensor '${name}' of shape [${tensor.shape}] has ${data.length} elements`);
  return constantOf(name, tensor.shape, data, type.numbers);
}

/**
 * The bytes of a tensor where they lie in one piece as float32, float16 or int32; null otherwise.
 *
 * @throws TfmotError `corrupt-file` where they are not as many as the shape says.
 */
export function placeOf({shape, raw, listed, type: number, name, at}: OnnxTensor): Span | null {
  const type = ELEMENT_TYPES[number];
  const only = raw ?? (listed.length === 1 && type?.listed === 'floats' ? listed[0]! : null);
  if (type === undefined || only === null) return null;
  if (only.to - only.from !== sizeOf(shape) * type.bytes)
    throw corrupt(at.from, `tensor '${name}' of shape [${shape}] has ${only.to - only.from} bytes`);
  return only;
}

type Numbers = Float32Array | Float64Array;

function rawNumbers({bytes, view}: Messages, {from, to}: Span, {name, bytes: width}: ElementType): Numbers {
  if ((to - from) % width !== 0) throw corrupt(from, `${to - from} bytes are no ${name} numbers`);
  if (name === 'float' || name === 'float16') {
    const stored = name === 'float' ? 'float32' : 'float16';
    return decodeNumbers(bytes.subarray(from, to), stored, {name, shape: [], dtype: 'float32'});
  }
  const length = (to - from) / width;
  if (name === 'double') return Float32Array.from({length}, (_, i) => view.getFloat64(from + 8 * i, true));
  if (name === 'bfloat16') return widened(Uint16Array.from({length}, (_, i) => view.getUint16(from + 2 * i, true)));
  const read = INTEGERS[name]!;
  return Float64Array.from({length}, (_, i) => read(view, from + width * i));
}

const INTEGERS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  bool: (view, at) => Number(view.getUint8(at) !== 0),
  int8: (view, at) => view.getInt8(at),
  int16: (view, at) => view.getInt16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  int64: (view, at) => signed(view.getUint32(at, true), view.getUint32(at + 4, true)),
  uint8: (view, at) => view.getUint8(at),
  uint16: (view, at) => view.getUint16(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  uint64: (view, at) => view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32,
};

function listedNumbers(messages: Messages, {listed, at}: OnnxTensor, type: ElementType): Numbers {
  const numbers: number[] = [];
  for (const field of listed) {
    if (field.number !== FIELDS.tensor[type.listed])
      throw corrupt(field.from, `${type.name} numbers are listed in field ${field.number}`);
    if (type.listed === 'floats') addFloats(messages, field, numbers);
    else if (type.listed === 'doubles') addDoubles(messages, field, numbers);
    else addIntegers(messages, field, numbers);
  }
  if (type.name === 'float16' || type.name === 'bfloat16') {
    const halves = Uint16Array.from(numbers);
    if (type.name === 'bfloat16') return widened(halves);
    const bytes = new Uint8Array(halves.buffer);
    return decodeNumbers(bytes, 'float16', {name: String(at.from), shape: [], dtype: 'float32'});
  }
  return type.numbers === 'float' ? Float32Array.from(numbers) : Float64Array.from(numbers);
}

function addDoubles({view}: Messages, {from, to, wire}: OnnxTensor['listed'][number], numbers: number[]): void {
  if ((wire !== 'bytes' && wire !== 'fixed64') || (to - from) % 8 !== 0)
    throw corrupt(from, `${to - from} bytes are no double numbers`);
  for (let at = from; at < to; at += 8) numbers.push(view.getFloat64(at, true));
}

/** bfloat16 is the upper half of a float32. */
function widened(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, half => half << 16).buffer);
}

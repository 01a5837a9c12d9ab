import type {Compressed} from 'tfjs-model-optimization/compression';

/** A saved model as data. */
export type Artifacts = Compressed['artifacts'];
type Spec = Artifacts['weightSpecs'][number];
/** One weight of a model to be saved. */
export interface Weight {
  readonly spec: Spec;
  readonly bytes: Uint8Array;
}

/** How a weight's numbers are stored. */
export type Kind = Omit<Spec, 'name' | 'shape'>;
export const BOOL: Kind = {dtype: 'bool'};
export const COMPLEX64: Kind = {dtype: 'complex64'};
export const INT32: Kind = {dtype: 'int32'};
export const UINT8: Kind = {dtype: 'float32', quantization: {dtype: 'uint8', min: -0.5, scale: 0.004}};
export const UINT16: Kind = {dtype: 'float32', quantization: {dtype: 'uint16', min: -1, scale: 1e-4}};
export const FLOAT16: Kind = {dtype: 'float32', quantization: {dtype: 'float16'}};

/** A weight that lies in memory as `words` do. */
export function stored(name: string, shape: readonly number[], kind: Kind, words: ArrayBufferView): Weight {
  return {
    spec: {name, shape, ...kind},
    bytes: new Uint8Array(words.buffer, words.byteOffset, words.byteLength),
  };
}

/** A weight whose number, as it is stored, `valueAt` gives for each flat index; a complex one has two for each element. */
export function numbers(
  name: string,
  shape: readonly number[],
  kind: Kind,
  valueAt: (index: number) => number,
): Weight {
  const count = shape.reduce((size, extent) => size * extent, kind.dtype === 'complex64' ? 2 : 1);
  const words = wordsFor(kind, count);
  for (let i = 0; i < count; i++) words[i] = valueAt(i);
  return stored(name, shape, kind, words);
}

function wordsFor({dtype, quantization}: Kind, count: number): Uint8Array | Uint16Array | Int32Array | Float32Array {
  const type = quantization?.dtype ?? dtype;
  if (type === 'uint8' || type === 'bool') return new Uint8Array(count);
  if (type === 'uint16' || type === 'float16') return new Uint16Array(count);
  return type === 'int32' ? new Int32Array(count) : new Float32Array(count);
}

/** A float32 weight whose value at each flat index `valueAt` gives. */
export function floats(name: string, shape: readonly number[], valueAt: (index: number) => number): Weight {
  return numbers(name, shape, {dtype: 'float32'}, valueAt);
}

/** A string weight, each string as its length in four bytes and its UTF-8. */
export function strings(name: string, texts: readonly string[]): Weight {
  const parts = texts.map(text => {
    const utf8 = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(utf8.length);
    return Buffer.concat([length, utf8]);
  });
  return stored(name, [texts.length], {dtype: 'string'}, Buffer.concat(parts));
}

/** A model with these weights, in order, and a topology without layers. */
export function modelOf(weights: readonly Weight[], head: Record<string, unknown> = {}): Artifacts {
  const data = Buffer.concat(weights.map(({bytes}) => bytes));
  return {
    modelTopology: {class_name: 'Sequential', config: {name: 'sequential_1', layers: []}},
    format: 'layers-model',
    generatedBy: 'TensorFlow.js tfjs-layers v4.22.0',
    convertedBy: null,
    ...head,
    weightSpecs: weights.map(({spec}) => spec),
    weightData: Uint8Array.from(data).buffer,
  };
}

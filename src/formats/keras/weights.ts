import type {ModelArtifacts, WeightSpec} from '../../artifacts/artifacts.ts';
import {decodeNumbers} from '../../artifacts/decode.ts';
import {TfmotError} from '../../errors.ts';
import type {Weight} from '../../graph/tensor.ts';

/** The weights of a model by name, decoded when first asked for. */
export interface WeightStore {
  /**
   * The weight `scope/name`, or `scope/<cell>/name` as newer Keras versions write it; the same object at every call.
   *
   * @returns null when there is none.
   * @throws TfmotError `non-finite-weight` when a number in it is not finite.
   */
  find(scope: string, name: string): Weight | null;
}

/** Largest number of elements of one weight: what a 32-bit WebAssembly memory could hold of bytes. */
const MAX_ELEMENTS = 2 ** 32;
const BYTES: Readonly<Record<string, number>> = {float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2};

interface Entry {
  readonly spec: WeightSpec;
  readonly offset: number;
  readonly elements: number;
  readonly stored: string;
}

/**
 * Checks the specs against the bytes, and reads weights from them as float32.
 *
 * @throws TfmotError `invalid-weights` when specs repeat a name, have an unknown dtype or an impossible shape, or do
 * not add up to the bytes.
 */
export function openWeights(artifacts: ModelArtifacts): WeightStore {
  const buffers = buffersOf(artifacts);
  const entries = entriesOf(artifacts.weightSpecs, buffers);
  const shortened = new Map<string, Entry>();
  for (const [name, entry] of entries) {
    const parts = name.split('/');
    const short = [...parts.slice(0, -2), ...parts.slice(-1)].join('/');
    if (!entries.has(short)) shortened.set(short, entry);
  }
  const decoded = new Map<Entry, Weight>();
  return {
    find: (scope, name) => {
      const entry = entries.get(`${scope}/${name}`) ?? shortened.get(`${scope}/${name}`);
      if (entry === undefined) return null;
      const known = decoded.get(entry);
      if (known !== undefined) return known;
      const weight = decode(entry, buffers);
      decoded.set(entry, weight);
      return weight;
    },
  };
}

function buffersOf({weightData}: ModelArtifacts): readonly ArrayBuffer[] {
  const buffers = Array.isArray(weightData) ? weightData : [weightData];
  if (buffers.every(buffer => Object.prototype.toString.call(buffer) === '[object ArrayBuffer]')) return buffers;
  throw invalid(`weightData must be an ArrayBuffer or a list of them. Load the weights with the topology.`);
}

function entriesOf(specs: readonly WeightSpec[], buffers: readonly ArrayBuffer[]): Map<string, Entry> {
  if (!Array.isArray(specs)) throw invalid(`weightSpecs must be a list, but is ${typeof specs}.`);
  const entries = new Map<string, Entry>();
  let offset = 0;
  for (const spec of specs as readonly WeightSpec[]) {
    if (typeof spec?.name !== 'string') throw invalid(`Each weight spec must have a name, but one has ${spec?.name}.`);
    if (entries.has(spec.name))
      throw invalid(`Weight names must differ, but '${spec.name}' appears twice. Rename one of the layers.`);
    const stored = spec.quantization?.dtype ?? spec.dtype;
    const bytes = Object.hasOwn(BYTES, stored) ? BYTES[stored] : undefined;
    if (bytes === undefined || (spec.quantization === undefined && !['float32', 'int32', 'bool'].includes(stored)))
      throw invalid(`Weight '${spec.name}' must be float32, int32, bool or quantised, but is stored as '${stored}'.`);
    const elements = elementsOf(spec);
    entries.set(spec.name, {spec, offset, elements, stored});
    offset += elements * bytes;
  }
  const available = buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
  if (offset !== available) {
    throw invalid(
      `The weight specs need ${offset} bytes, but the weight data has ${available}. The file is cut off or belongs to another model.`,
    );
  }
  return entries;
}

function elementsOf({name, shape}: WeightSpec): number {
  if (!Array.isArray(shape) || !shape.every(size => Number.isSafeInteger(size) && size >= 0))
    throw invalid(
      `The shape of weight '${name}' must be whole numbers, but is ${Array.isArray(shape) ? `[${shape}]` : typeof shape}.`,
    );
  let elements = 1;
  for (const size of shape as readonly number[]) {
    elements *= size;
    if (elements > MAX_ELEMENTS)
      throw invalid(
        `Weight '${name}' of shape [${shape}] has more than ${MAX_ELEMENTS} elements, which no memory holds.`,
      );
  }
  return elements;
}

function decode({spec, offset, elements, stored}: Entry, buffers: readonly ArrayBuffer[]): Weight {
  const data = decodeNumbers(read(buffers, offset, elements * BYTES[stored]!), stored, spec);
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]!)) {
      throw new TfmotError(
        'non-finite-weight',
        `Weights must be finite, but element ${i} of '${spec.name}' is ${data[i]}. The training has diverged: go back to an earlier checkpoint.`,
      );
    }
  }
  return {name: spec.name, shape: spec.shape, data};
}

/** Bytes of one weight: a view where one buffer holds them all, a copy where they straddle two. */
function read(buffers: readonly ArrayBuffer[], offset: number, length: number): Uint8Array {
  let start = offset;
  let index = 0;
  while (index < buffers.length && start >= buffers[index]!.byteLength && length > 0)
    start -= buffers[index++]!.byteLength;
  const first = buffers[index];
  if (first === undefined || length === 0) return new Uint8Array(0);
  if (start + length <= first.byteLength) return new Uint8Array(first, start, length);
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const buffer = buffers[index++]!;
    const take = Math.min(length - filled, buffer.byteLength - start);
    bytes.set(new Uint8Array(buffer, start, take), filled);
    filled += take;
    start = 0;
  }
  return bytes;
}

function invalid(message: string): TfmotError {
  return new TfmotError('invalid-weights', message);
}

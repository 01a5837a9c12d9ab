import type {ModelArtifacts, WeightSpec} from '../../../artifacts/artifacts.ts';
import {TfmotError} from '../../../errors.ts';
import {type Elements, type Words, wordsOf} from '../format/elements.ts';
import type {Place} from '../format/tensor-codec.ts';
import {placeTensors} from '../format/tensors.ts';

/** The weight bytes in one piece; a single buffer is not copied. */
export function oneBuffer(weightData: ModelArtifacts['weightData']): Uint8Array {
  if (weightData instanceof ArrayBuffer) return new Uint8Array(weightData);
  const buffers = weightData as readonly ArrayBuffer[];
  if (buffers.length === 1) return new Uint8Array(buffers[0]!);
  const all = new Uint8Array(buffers.reduce((sum, {byteLength}) => sum + byteLength, 0));
  let at = 0;
  for (const buffer of buffers) {
    all.set(new Uint8Array(buffer), at);
    at += buffer.byteLength;
  }
  return all;
}

/** The words of one weight, copied so that they are aligned. */
export function wordsAt(elements: Elements, all: Uint8Array, {from, to}: Place): Words {
  const words = wordsOf(elements, elements.count);
  new Uint8Array(words.buffer).set(all.subarray(from, to));
  return words;
}

/**
 * Bytes each string weight takes, in order: TensorFlow.js writes a string as its length in four bytes and its bytes.
 *
 * @throws TfmotError `invalid-weights` when they go beyond the end.
 */
export function stringLengths(specs: readonly WeightSpec[], all: Uint8Array): number[] {
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  const lengths: number[] = [];
  let at = 0;
  for (const spec of specs) {
    if (spec.dtype !== 'string') {
      at += placeTensors([spec], [])[0]!.place.to;
      continue;
    }
    const from = at;
    const strings = spec.shape.reduce((product, extent) => product * extent, 1);
    for (let i = 0; i < strings; i++) {
      if (at + 4 > all.length) throw misfit(at + 4, all.length);
      at += 4 + view.getUint32(at, true);
    }
    lengths.push(at - from);
  }
  return lengths;
}

/** The error for weight data of another length than the specs need. */
export function misfit(needed: number, given: number): TfmotError {
  return new TfmotError(
    'invalid-weights',
    `The weight specs need ${needed} bytes of weight data, but there are ${given}.`,
  );
}

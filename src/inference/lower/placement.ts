import {TfmotError} from '../../errors.ts';
import type {Weight} from '../../graph/tensor.ts';
import type {Kernels, PackedWeights} from '../kernels/index.ts';
import type {Region} from '../value.ts';
import {flat, planeOf, planes} from '../value.ts';
import type {Constant, Placed, Placement, Step, WeightSource} from './lowering.ts';

/** Packed weights that have their place. */
interface PackedEntry extends Omit<PackedWeights, 'bytes'> {
  readonly region: Region;
}

/**
 * Places constants and packed weights, each once, and counts them in the step that came first.
 *
 * @param constants Takes what is placed, in its order.
 * @param step The step that is being lowered.
 * @throws TfmotError `memory-limit` from its functions when the constants take more than `maxBytes`: weights that are
 *     packed for many layouts.
 */
export function placementInto(constants: Constant[], maxBytes: number, step: () => Step): Placement {
  const known = new Map<Float32Array, Region>();
  const packed = new Map<Float32Array, Map<Float32Array | null, Map<string, PackedEntry>>>();
  let total = 0;
  const place = (bytes: Uint8Array): Region => {
    total += bytes.byteLength;
    if (total > maxBytes)
      throw new TfmotError(
        'memory-limit',
        `The model must fit ${maxBytes} bytes (maxMemoryBytes), but its packed weights alone take more. Raise the limit.`,
      );
    const region = {bytes: bytes.byteLength, offset: 0, first: -1, last: Number.POSITIVE_INFINITY};
    constants.push({region, bytes});
    step().weightBytes += bytes.byteLength;
    return region;
  };
  const constant = (data: Float32Array): Region => {
    const region = known.get(data) ?? place(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    known.set(data, region);
    return region;
  };
  const inPlanes = new Map<Float32Array, Map<number, Float32Array>>();
  const planar = ({data, shape}: Weight): Float32Array => {
    const channels = shape.at(-1)!;
    const forms = inPlanes.get(data) ?? new Map<number, Float32Array>();
    inPlanes.set(data, forms);
    const form = forms.get(channels) ?? transposed(data, channels, planeOf(planes(shape, 1)) / 4);
    forms.set(channels, form);
    return form;
  };
  return {
    constant,
    constantValue: (weight, layout) => {
      const {bytes: _, ...arrangement} = (layout === 'planes' ? planes : flat)(weight.shape, 1);
      return {...arrangement, instance: 0, region: constant(layout === 'planes' ? planar(weight) : weight.data)};
    },
    weights: <K extends keyof Kernels>(
      {data, bias, variant, uses}: WeightSource,
      weights: number,
      pack: () => PackedWeights<K>,
    ): Placed<K> => {
      const biases = packed.get(data) ?? new Map<Float32Array | null, Map<string, PackedEntry>>();
      packed.set(data, biases);
      const variants = biases.get(bias) ?? new Map<string, PackedEntry>();
      biases.set(bias, variants);
      let entry = variants.get(variant);
      if (entry === undefined) {
        const {bytes, ...numbers} = pack();
        entry = {...numbers, region: place(bytes)};
        variants.set(variant, entry);
      }
      count(step(), entry, weights, uses);
      return {region: entry.region, kernel: entry.kernel as K};
    },
  };
}

/** Pixels of `channels` numbers as planes of `plane` floats. */
function transposed(data: Float32Array, channels: number, plane: number): Float32Array {
  const form = new Float32Array(channels * plane);
  for (let i = 0; i < data.length; i++) form[(i % channels) * plane + Math.floor(i / channels)] = data[i]!;
  return form;
}

function count(step: Step, entry: PackedEntry, weights: number, uses: number): void {
  step.format ??= entry.format;
  step.nonZeros += entry.nonZeros;
  step.multiplyAdds += Math.min(weights, entry.multiplied) * uses;
  step.skippedMultiplyAdds += Math.max(0, weights - entry.multiplied) * uses;
}

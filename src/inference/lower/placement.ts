import {TfmotError} from '../../errors.ts';
import type {Kernels, PackedWeights} from '../kernels/index.ts';
import type {Region} from '../value.ts';
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
  const packed = new Map<Float32Array, Map<string, PackedEntry>>();
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
  return {
    constant: data => {
      const region = known.get(data) ?? place(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      known.set(data, region);
      return region;
    },
    weights: <K extends keyof Kernels>(
      {data, variant, uses}: WeightSource,
      weights: number,
      pack: () => PackedWeights<K>,
    ): Placed<K> => {
      const variants = packed.get(data) ?? new Map<string, PackedEntry>();
      packed.set(data, variants);
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

function count(step: Step, entry: PackedEntry, weights: number, uses: number): void {
  step.format ??= entry.format;
  step.nonZeros += entry.nonZeros;
  step.multiplyAdds += Math.min(weights, entry.multiplied) * uses;
  step.skippedMultiplyAdds += Math.max(0, weights - entry.multiplied) * uses;
}

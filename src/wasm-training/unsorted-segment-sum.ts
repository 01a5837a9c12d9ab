import {type Tensor, type UnsortedSegmentSumAttrs, util} from '@tensorflow/tfjs-core';
import {TfmotError} from '../errors.ts';
import {added, type TrainingKernel} from './kernel.ts';

interface Inputs {
  /** `[n, ...inner]` */
  readonly x: Tensor;
  /** `[n]`, int32 */
  readonly segmentIds: Tensor;
}

/**
 * `UnsortedSegmentSum`: row `s` of the result `[numSegments, ...inner]` is the sum of the rows of `x` whose segment id
 * is `s`; ids outside the range count nowhere. The gradient of an embedding.
 *
 * @throws TfmotError `invalid-argument` when `segmentIds` is not one id for each row of `x`.
 */
export const unsortedSegmentSum: TrainingKernel = added<Inputs, UnsortedSegmentSumAttrs>(
  'UnsortedSegmentSum',
  ({inputs: {x, segmentIds}, attrs: {numSegments}, backend}) => {
    if (segmentIds.rank !== 1 || segmentIds.size !== x.shape[0]) {
      throw new TfmotError(
        'invalid-argument',
        `Segment ids must be one for each row of x [${x.shape}], but their shape is [${segmentIds.shape}].`,
      );
    }
    const inner = x.shape.slice(1);
    const width = util.sizeFromShape(inner);
    const sums = backend.makeOutput([numSegments, ...inner], x.dtype);
    // Views are taken after the allocation, which may have moved the heap.
    const to = backend.typedArrayFromHeap(sums);
    const from = backend.typedArrayFromHeap(x);
    const ids = backend.typedArrayFromHeap(segmentIds);
    to.fill(0);
    for (let row = 0; row < ids.length; row++) {
      const segment = ids[row]!;
      if (segment < 0 || segment >= numSegments) continue;
      const target = segment * width;
      const source = row * width;
      for (let i = 0; i < width; i++) to[target + i]! += from[source + i]!;
    }
    return sums;
  },
);

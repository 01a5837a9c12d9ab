import {TfmotError} from '../../../errors.ts';
import type {InnerFiles} from './decode-file.ts';
import {turnOver} from './file-specs.ts';
import {decodeSkeleton, filledSkeleton} from './skeleton-section.ts';

/** Reads the files of other formats in `.tfmz` files. */
export const INNER_FILES: InnerFiles = {
  decodeSkeleton,
  modelBytes: (skeleton, turned = [], tensors, all) => {
    const weights = tensors.map(({place}) => all.subarray(place.from, place.to));
    const sound =
      Array.isArray(turned) &&
      new Set(turned).size === turned.length &&
      turned.every(i => Number.isInteger(i) && i in tensors && tensors[i]!.elements.size < 4) &&
      skeleton.places.length === weights.length &&
      skeleton.places.every(({from, to}, i) => to - from === weights[i]!.length);
    if (!sound)
      throw new TfmotError('corrupt-file', 'The weights of a .tfmz file must fit the file inside. Fetch it again.');
    for (const i of turned as readonly number[]) turnOver(weights[i]!, tensors[i]!.elements.size);
    return {format: skeleton.format, bytes: filledSkeleton(skeleton, weights)};
  },
};

import type {Resize2dOp} from '../../../graph/ops/resize.ts';
import {resized} from '../../fold/compute.ts';
import {eachImage, flagOption, integersInput, misfit, type OperatorImporter} from './operator.ts';

/** An image at another size. Inputs: image, `[height, width]`. */
export const resize =
  (interpolation: Resize2dOp['interpolation']): OperatorImporter =>
  call => {
    const size = integersInput(call, 1);
    if (size.length !== 2 || size.some(side => side < 1)) throw misfit(call, `has a size of [${size}].`);
    const [height, width] = size as [number, number];
    const [alignCorners, halfPixelCenters] = [flagOption(call, 'alignCorners'), flagOption(call, 'halfPixelCenters')];
    const how = {size: [height, width], interpolation, alignCorners, halfPixelCenters} as const;
    return [eachImage(call, 0, image => resized(call.at, image, how))];
  };

import type {ReduceOp} from '../../../graph/ops/reduce.ts';
import type {Padding} from '../../../graph/tensor.ts';
import {padded} from '../../fold/arrange.ts';
import {reduced} from '../../fold/compute.ts';
import {pooled} from '../../fold/windows.ts';
import {channelsLast} from '../layouts.ts';
import {intAttribute, intsAttribute, lastInput, misfit, type NodeImporter, unsupported} from './operator.ts';
import {imageOutput, type WindowOfNode, windowOf} from './window.ts';

/** Maximum or average over windows. */
export const pool =
  (kind: 'average' | 'max'): NodeImporter =>
  call => {
    const taps = intsAttribute(call, 'kernel_shape');
    if (taps === undefined) throw misfit(call, 'lacks kernel_shape.');
    if ((call.node.outputs[1] ?? '') !== '') throw unsupported(call, 'gives the places of its maxima.');
    const window = windowOf(call, taps);
    if (window.dilations.some((dilation, axis) => dilation > 1 && window.size[axis]! > 1))
      throw unsupported(call, `dilates its window by ${window.dilations}.`);
    const more = intAttribute(call, 'ceil_mode', 0) === 0 ? [0, 0] : moreForCeiling(window);
    const {size, strides, isRow} = window;
    let {image, padding} = window;
    if (kind === 'average' && intAttribute(call, 'count_include_pad', 0) !== 0) {
      // Zeros that count; those that the ceiling adds do not.
      const {top, bottom, left, right} = padding;
      const zeros = {before: [0, top, left, 0], after: [0, bottom, right, 0], mode: 'constant', value: 0} as const;
      image = padded(call.at, image, zeros);
      padding = {top: 0, bottom: 0, left: 0, right: 0};
    }
    const whole: Padding = {...padding, bottom: padding.bottom + more[0]!, right: padding.right + more[1]!};
    return imageOutput(call, pooled(call.at, kind, image, size, {strides, padding: whole}), isRow);
  };

/** Places after the padding that the last windows need where a part of a window counts: none of them begins there. */
function moreForCeiling({image, size, strides, padding: {top, bottom, left, right}}: WindowOfNode): number[] {
  const [, height, width] = image.shape as [number, number, number];
  return (
    [
      [height, top, bottom],
      [width, left, right],
    ] as const
  ).map(([side, before, after], axis) => {
    const [taps, stride] = [size[axis]!, strides[axis]!];
    let windows = Math.ceil((side + before + after - taps) / stride) + 1;
    if ((windows - 1) * stride >= side + before) windows--;
    return Math.max(0, (windows - 1) * stride + taps - side - before - after);
  });
}

/** One number a channel. */
export const globalPool =
  (kind: ReduceOp['kind']): NodeImporter =>
  call => {
    const value = lastInput(call, 0);
    const spatial = value.shape.slice(1, -1).map((_, i) => i + 1);
    if (spatial.length === 0) throw misfit(call, `needs channels and an image, but is given [${value.shape}].`);
    return [channelsLast(reduced(call.at, kind, value, spatial, true))];
  };

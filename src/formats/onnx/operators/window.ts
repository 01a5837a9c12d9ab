import type {Padding} from '../../../graph/tensor.ts';
import {reshaped} from '../../fold/arrange.ts';
import type {Value} from '../../fold/value.ts';
import {samePadding} from '../../same-padding.ts';
import {channelsLast, type Laid} from '../layouts.ts';
import {intsAttribute, lastInput, misfit, type NodeCall, textAttribute, unsupported} from './operator.ts';

/** Vertical, then horizontal. */
export type Pair = readonly [number, number];

/** How a window slides over the image of a node, which is a row of an image where the file has one dimension. */
export interface WindowOfNode {
  /** `[1, height, width, channels]` */
  readonly image: Value;
  readonly channels: number;
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Explicit padding, before what `ceil_mode` adds. */
  readonly padding: Padding;
  /** Whether the file has one spatial dimension. */
  readonly isRow: boolean;
}

/**
 * The window that a node slides over its first input.
 *
 * @param taps Sizes of the window, one a spatial dimension.
 */
export function windowOf(call: NodeCall, taps: readonly number[]): WindowOfNode {
  const {image, isRow} = imageInput(call);
  const rank = isRow ? 1 : 2;
  const pair = (name: string, numbers: readonly number[] | undefined): Pair => {
    const given = numbers ?? Array.from({length: rank}, () => 1);
    if (given.length !== rank || given.some(each => !(each >= 1)))
      throw misfit(call, `has ${name} [${given}], which must be ${rank} of 1 or more.`);
    return isRow ? [1, given[0]!] : [given[0]!, given[1]!];
  };
  const size = pair('a window', taps);
  const strides = pair('strides', intsAttribute(call, 'strides'));
  const dilations = pair('dilations', intsAttribute(call, 'dilations'));
  const [, height, width, channels] = image.shape as [number, number, number, number];
  const padding = paddingOf(call, {isRow, sides: [height, width], size, strides, dilations});
  return {image, channels, size, strides, dilations, padding, isRow};
}

/** The first input as an image with its channels last. */
export function imageInput(call: NodeCall): {readonly image: Value; readonly isRow: boolean} {
  const value = lastInput(call, 0);
  if (value.shape.length === 4) return {image: value, isRow: false};
  if (value.shape.length !== 3)
    throw unsupported(call, `slides over [${value.shape}] of ${value.shape.length} dimensions.`);
  const [batch, length, channels] = value.shape as [number, number, number];
  return {image: reshaped(call.at, value, [batch, 1, length, channels]), isRow: true};
}

/** The result of a window: an image, or what it was a row of. */
export function imageOutput(call: NodeCall, image: Value, isRow: boolean): readonly Laid[] {
  const [batch, , width, channels] = image.shape as [number, number, number, number];
  return [channelsLast(isRow ? reshaped(call.at, image, [batch, width, channels]) : image)];
}

interface Sides extends Pick<WindowOfNode, 'isRow' | 'size' | 'strides' | 'dilations'> {
  readonly sides: Pair;
}

function paddingOf(call: NodeCall, {isRow, sides, size, strides, dilations}: Sides): Padding {
  const automatic = textAttribute(call, 'auto_pad', 'NOTSET');
  if (automatic === 'NOTSET' || automatic === '') return explicitPadding(call, isRow);
  if (automatic === 'VALID') return {top: 0, bottom: 0, left: 0, right: 0};
  if (automatic !== 'SAME_UPPER' && automatic !== 'SAME_LOWER') throw unsupported(call, `pads by '${automatic}'.`);
  const both = (axis: 0 | 1): Pair => {
    const [less, more] = samePadding(sides[axis], size[axis], dilations[axis], strides[axis]);
    return automatic === 'SAME_UPPER' ? [less, more] : [more, less];
  };
  const [[top, bottom], [left, right]] = [both(0), both(1)];
  return {top, bottom, left, right};
}

/** `pads`: all before, then all after. */
export function explicitPadding(call: NodeCall, isRow: boolean): Padding {
  const pads = intsAttribute(call, 'pads') ?? (isRow ? [0, 0] : [0, 0, 0, 0]);
  if (pads.length !== (isRow ? 2 : 4) || pads.some(places => !(places >= 0)))
    throw misfit(call, `has pads [${pads}], which must be ${isRow ? 2 : 4} of 0 or more.`);
  const [a, b, c, d] = pads as [number, number, number, number];
  return isRow ? {top: 0, bottom: 0, left: a, right: b} : {top: a, left: b, bottom: c, right: d};
}

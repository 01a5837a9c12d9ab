import {TfmotError} from '../../../errors.ts';
import {imagePad} from '../../../graph/ops/pad.ts';
import type {Padding} from '../../../graph/tensor.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {show} from '../../../show.ts';
import type {LayerSpec} from '../config.ts';
import {count, integers, wrong} from '../config.ts';
import type {LayerImporter} from './layer.ts';
import {soleInput} from './layer.ts';
import {channelsLast, isChannelsFirst, reshaped, transposed} from './layout.ts';

const flatten: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const axes = shape.map((_, i) => i);
  const moved = isChannelsFirst(call) && shape.length > 1 ? transposed(call, id, [...axes.slice(1), 0]) : id;
  return [reshaped(call, moved, [sizeOf(shape)])];
};

const reshape: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const target = call.layer.config['targetShape'];
  if (!Array.isArray(target)) throw wrong(call.layer, 'targetShape', 'a list of sizes', target);
  const sizes: number[] = Array.from(target, size => (size === null || size === -1 ? -1 : size));
  if (!sizes.every(size => Number.isSafeInteger(size)))
    throw wrong(call.layer, 'targetShape', 'a list of sizes', target);
  const unknown = sizes.indexOf(-1);
  const known = sizeOf(sizes.filter(size => size !== -1));
  if (unknown >= 0) sizes[unknown] = sizeOf(shape) / known;
  if (!sizes.every(size => Number.isSafeInteger(size) && size > 0) || sizeOf(sizes) !== sizeOf(shape)) {
    throw new TfmotError(
      'invalid-topology',
      `Layer '${call.layer.name}' (Reshape): [${shape}] has ${sizeOf(shape)} elements and cannot become ${show(target)}.`,
    );
  }
  return [reshaped(call, id, sizes)];
};

const permute: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const dims = integers(call.layer, 'dims');
  if (dims.length !== shape.length || shape.some((_, i) => !dims.includes(i + 1)))
    throw wrong(call.layer, 'dims', `an order of 1 to ${shape.length}`, dims);
  return [
    transposed(
      call,
      id,
      dims.map(dim => dim - 1),
    ),
  ];
};

const repeatVector: LayerImporter = call => {
  const {id} = soleInput(call);
  return call.builder.emit(call.layer.name, {type: 'repeat', times: count(call.layer, 'n')}, [id]);
};

/** One number, one for each direction, or `[[top, bottom], [left, right]]`. */
function margins(layer: LayerSpec, key: string, fallback: number): Padding {
  const value = layer.config[key] ?? fallback;
  const list = Array.isArray(value) ? value : [value, value];
  const [rows, columns] = list.map(item => (Array.isArray(item) ? item : [item, item]));
  const flat = [...(rows ?? []), ...(columns ?? [])];
  if (list.length !== 2 || flat.length !== 4 || !flat.every(size => Number.isSafeInteger(size) && size >= 0))
    throw wrong(layer, key, 'whole numbers for rows and columns', value);
  return {top: flat[0], bottom: flat[1], left: flat[2], right: flat[3]};
}

const zeroPadding: LayerImporter = call => {
  const padding = margins(call.layer, 'padding', 1);
  return [channelsLast(call, image => call.builder.emit(call.layer.name, imagePad(padding), [image])[0]!)];
};

const cropping: LayerImporter = call => {
  const {top, bottom, left, right} = margins(call.layer, 'cropping', 0);
  const padding = {top: 0 - top, bottom: 0 - bottom, left: 0 - left, right: 0 - right};
  return [channelsLast(call, image => call.builder.emit(call.layer.name, imagePad(padding), [image])[0]!)];
};

/** One number, or `[before, after]`, along the steps of a sequence. */
function stepMargins(layer: LayerSpec, key: string): readonly [number, number] {
  const list = integers(layer, key, [1]);
  const [before, after] = list.length === 1 ? [list[0]!, list[0]!] : list;
  if (list.length > 2 || !(before! >= 0) || !(after! >= 0)) throw wrong(layer, key, 'one or two whole numbers', list);
  return [before!, after!];
}

const stepPadding =
  (key: string, sign: 1 | -1): LayerImporter =>
  call => {
    const [before, after] = stepMargins(call.layer, key).map(count => 0 + sign * count) as [number, number];
    const pad = {type: 'pad', before: [before, 0], after: [after, 0], mode: 'constant', value: 0} as const;
    return [channelsLast(call, steps => call.builder.emit(call.layer.name, pad, [steps])[0]!)];
  };

/** Layers that move elements without computing on them. */
export const REARRANGE_LAYERS: Readonly<Record<string, LayerImporter>> = {
  Cropping1D: stepPadding('cropping', -1),
  Cropping2D: cropping,
  Flatten: flatten,
  Permute: permute,
  RepeatVector: repeatVector,
  Reshape: reshape,
  ZeroPadding1D: stepPadding('padding', 1),
  ZeroPadding2D: zeroPadding,
};

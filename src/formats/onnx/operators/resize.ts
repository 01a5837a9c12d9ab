import type {Resize2dOp} from '../../../graph/ops/resize.ts';
import {gathered} from '../../fold/arrange.ts';
import {resized} from '../../fold/compute.ts';
import {constantOf, type Value} from '../../fold/value.ts';
import {
  axesFrom,
  constantInput,
  hasInput,
  intAttribute,
  integersInput,
  intsAttribute,
  misfit,
  type NodeCall,
  type NodeImporter,
  textAttribute,
  unsupported,
} from './operator.ts';
import {imageInput, imageOutput, type Pair} from './window.ts';

/** An image at another size, by scales or sizes. `Upsample` and version 10 have pixels at their corners. */
export const resize: NodeImporter = call => {
  const {image, isRow} = imageInput(call);
  const mode = textAttribute(call, 'mode', 'nearest');
  const isOld = call.opset < 11;
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'bilinear') throw unsupported(call, `resizes by '${mode}'.`);
  if (intAttribute(call, 'antialias', 0) !== 0) throw unsupported(call, 'smooths what it makes smaller.');
  const transformation = isOld ? 'asymmetric' : textAttribute(call, 'coordinate_transformation_mode', 'half_pixel');
  const {size, scales} = targetOf(call, image, isRow);
  const axes = ([0, 1] as const).map((axis): Axis => {
    const input = image.shape[axis + 1]!;
    return {input, output: size[axis], scale: scales?.[axis] ?? size[axis] / input};
  }) as [Axis, Axis];
  if (mode === 'nearest') {
    const rule = isOld ? 'floor' : textAttribute(call, 'nearest_mode', 'round_prefer_floor');
    return imageOutput(call, nearest(call, image, axes, transformation, rule), isRow);
  }
  const how = LINEAR[transformation];
  const isExact = axes.every(({input, output, scale}) => Math.abs(output / input / scale - 1) < 1e-6);
  // A single pixel lies at 0, whatever its centre.
  const isSingle = transformation === 'pytorch_half_pixel' && axes.some(({input, output}) => output === 1 && input > 1);
  if (how === undefined || isSingle || !(isExact || how.alignCorners))
    throw unsupported(call, `resizes [${image.shape}] to [${size}] by '${transformation}' and scales of [${scales}].`);
  return imageOutput(call, resized(call.at, image, {size, interpolation: 'bilinear', ...how}), isRow);
};

type How = Pick<Resize2dOp, 'alignCorners' | 'halfPixelCenters'>;

const LINEAR: {readonly [transformation: string]: How | undefined} = {
  align_corners: {alignCorners: true, halfPixelCenters: false},
  asymmetric: {alignCorners: false, halfPixelCenters: false},
  half_pixel: {alignCorners: false, halfPixelCenters: true},
  pytorch_half_pixel: {alignCorners: false, halfPixelCenters: true},
};

interface Axis {
  readonly input: number;
  readonly output: number;
  /** As the file gives it, which may differ a little from `output / input`. */
  readonly scale: number;
}

/** Longest side of an output that is put together pixel by pixel. */
const MAX_SIDE = 2 ** 16;

/** The nearest pixels: as the graph's own resizing finds them, or row by row and column by column. */
function nearest(
  call: NodeCall,
  image: Value,
  axes: readonly [Axis, Axis],
  transformation: string,
  rule: string,
): Value {
  if (axes.some(({output}) => output > MAX_SIDE))
    throw unsupported(call, `makes an image of [${axes.map(a => a.output)}].`);
  const sources = axes.map(axis => sourcesOf(call, axis, transformation, rule));
  const own = (place: (i: number, axis: Axis) => number): boolean =>
    axes.every((axis, side) =>
      sources[side]!.every((source, i) => source === Math.min(axis.input - 1, place(i, axis))),
    );
  const size: Pair = [axes[0].output, axes[1].output];
  const plain = {size, interpolation: 'nearest', alignCorners: false} as const;
  if (own((i, {input, output}) => Math.floor((i * input) / output)))
    return resized(call.at, image, {...plain, halfPixelCenters: false});
  if (own((i, {input, output}) => Math.floor(((i + 0.5) * input) / output)))
    return resized(call.at, image, {...plain, halfPixelCenters: true});
  return sources.reduce(
    (current, places, side) =>
      gathered(call.at, current, constantOf('places', [places.length], places, 'int'), side + 1),
    image,
  );
}

/** The pixel of the input that each one of the output shows. */
function sourcesOf(call: NodeCall, {input, output, scale}: Axis, transformation: string, rule: string): number[] {
  return Array.from({length: output}, (_, i) => {
    const place = PLACES[transformation]?.(i, {input, output, scale});
    const pixel = place === undefined ? undefined : ROUNDING[rule]?.(place);
    if (pixel === undefined) throw unsupported(call, `resizes by '${transformation}' and '${rule}'.`);
    return Math.min(Math.max(pixel, 0), input - 1);
  });
}

const PLACES: {readonly [transformation: string]: ((i: number, axis: Axis) => number) | undefined} = {
  align_corners: (i, {input, output}) => (output === 1 ? 0 : (i * (input - 1)) / (output - 1)),
  asymmetric: (i, {scale}) => i / scale,
  half_pixel: (i, {scale}) => (i + 0.5) / scale - 0.5,
  pytorch_half_pixel: (i, {output, scale}) => (output > 1 ? (i + 0.5) / scale - 0.5 : 0),
};

const ROUNDING: {readonly [rule: string]: ((place: number) => number) | undefined} = {
  ceil: Math.ceil,
  floor: Math.floor,
  round_prefer_ceil: place => Math.floor(place + 0.5),
  round_prefer_floor: place => Math.ceil(place - 0.5),
};

/** Height and width of the result, and the scales where the file gives those. */
function targetOf(call: NodeCall, image: Value, isRow: boolean): {size: Pair; scales?: Pair} {
  const rank = isRow ? 3 : 4;
  const axes = axesFrom(call, intsAttribute(call, 'axes') ?? Array.from({length: rank}, (_, axis) => axis), rank);
  const spatial = (numbers: ArrayLike<number>, others: readonly number[]): Pair => {
    const all = [...others];
    if (numbers.length !== axes.length) throw misfit(call, `resizes ${axes.length} dimensions by ${numbers.length}.`);
    axes.forEach((axis, i) => {
      all[axis] = numbers[i]!;
    });
    if (all[0] !== others[0] || all[1] !== others[1]) throw unsupported(call, `resizes channels, by [${all}].`);
    if (all.some(number => !(number > 0))) throw misfit(call, `resizes by [${all}].`);
    return isRow ? [1, all[2]!] : [all[2]!, all[3]!];
  };
  const [, height, width, channels] = image.shape as [number, number, number, number];
  const sizesAt = 3;
  if (call.opset >= 11 && hasInput(call, sizesAt)) {
    if (textAttribute(call, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch')
      throw unsupported(call, 'keeps the ratio of the sides.');
    const shape = isRow ? [image.shape[0]!, channels, width] : [image.shape[0]!, channels, height, width];
    return {size: spatial(integersInput(call, sizesAt), shape)};
  }
  const attribute = call.node.attributes.get('scales')?.floats;
  const given = attribute?.length ? attribute : constantInput(call, call.opset < 11 ? 1 : 2).data;
  const scales = spatial(given, isRow ? [1, 1, 1] : [1, 1, 1, 1]);
  return {size: [Math.floor(height * scales[0]), Math.floor(width * scales[1])], scales};
}

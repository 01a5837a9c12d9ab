import {imagePad} from '../../../graph/ops/pad.ts';
import type {Shape, TensorId} from '../../../graph/tensor.ts';
import {count, counts, flag, unsupported, word, wrong} from '../config.ts';
import type {LayerCall, LayerImporter} from './layer.ts';
import {soleInput} from './layer.ts';
import {asImage, channelsLast} from './layout.ts';

type Size = readonly [number, number];

/** Adds what brings an image to another size; the image itself where it has that size. */
function resized(
  {layer, builder}: LayerCall,
  image: TensorId,
  size: Size,
  mode: {readonly alignCorners: boolean; readonly halfPixelCenters: boolean},
): TensorId {
  const interpolation = word(layer, 'interpolation', layer.className === 'UpSampling2D' ? 'nearest' : 'bilinear');
  if (interpolation !== 'nearest' && interpolation !== 'bilinear')
    throw wrong(layer, 'interpolation', `'nearest' or 'bilinear'`, layer.config['interpolation']);
  const [height, width] = builder.tensor(image).shape as [number, number];
  if (height === size[0] && width === size[1]) return image;
  return builder.emit(layer.name, {type: 'resize2d', size, interpolation, ...mode}, [image])[0]!;
}

/** Keras' images have pixel centres at halves; those of TensorFlow.js' layers at whole numbers. */
const upSampling: LayerImporter = call => {
  const [rows, columns] = counts(call.layer, 'size', 2, 2) as [number, number];
  const mode = {alignCorners: false, halfPixelCenters: call.savedBy !== 'tfjs'};
  return [
    channelsLast(call, image => {
      const [height, width] = imageShape(call, image);
      return resized(call, image, [height * rows, width * columns], mode);
    }),
  ];
};

/** Each step several times. */
const upSamplingOfSteps: LayerImporter = call => {
  const times = count(call.layer, 'size', 2);
  const repeat = {type: 'resize2d', interpolation: 'nearest', alignCorners: false, halfPixelCenters: false} as const;
  return [
    asImage(call, soleInput(call).id, image => {
      const [, steps] = imageShape(call, image);
      return call.builder.emit(call.layer.name, {...repeat, size: [1, steps * times]}, [image])[0]!;
    }),
  ];
};

const resizing: LayerImporter = call => {
  const {layer} = call;
  if (call.savedBy === 'tfjs')
    throw unsupported(layer, 'cannot run in a model of TensorFlow.js. Resize before predict.');
  if (['cropToAspectRatio', 'padToAspectRatio', 'antialias'].some(key => flag(layer, key, false)))
    throw unsupported(layer, 'keeps the aspect ratio, or smooths, which is not supported. Resize before predict.');
  const size = [count(layer, 'height'), count(layer, 'width')] as const;
  const mode = {alignCorners: false, halfPixelCenters: true};
  return [channelsLast(call, image => resized(call, image, size, mode))];
};

/** The middle of an image; `only` says when that is what the layer does. */
function cropped(call: LayerCall, only: (size: Size, shape: Size) => string | undefined): TensorId {
  const {layer, builder} = call;
  const size = [count(layer, 'height'), count(layer, 'width')] as const;
  return channelsLast(call, image => {
    const shape = imageShape(call, image);
    const trouble = only(size, shape);
    if (trouble !== undefined) throw unsupported(layer, trouble);
    const [rows, columns] = [shape[0] - size[0], shape[1] - size[1]];
    if (rows === 0 && columns === 0) return image;
    const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
    const padding = {top: 0 - top, bottom: top - rows, left: 0 - left, right: left - columns};
    return builder.emit(layer.name, imagePad(padding), [image])[0]!;
  });
}

const centerCrop: LayerImporter = call => [
  cropped(call, (size, shape) => {
    if (call.savedBy === 'tfjs' && (size[0] !== shape[0] || size[1] !== shape[1]))
      return 'crops off the centre in TensorFlow.js. Crop before predict.';
    if (size[0] > shape[0] || size[1] > shape[1])
      return `must not be larger than its input, but makes [${size}] of [${shape}]. Resize before predict.`;
    return undefined;
  }),
];

/** At inference Keras resizes, then crops: nothing to do for an image of the size that is asked for. */
const randomCrop: LayerImporter = call => [
  cropped(call, (size, shape) =>
    size[0] === shape[0] && size[1] === shape[1]
      ? undefined
      : `makes [${size}] of [${shape}], which at inference is a resize. Give images of the size that it makes.`,
  ),
];

function imageShape({layer, builder}: LayerCall, image: TensorId): Size {
  const {shape}: {shape: Shape} = builder.tensor(image);
  if (shape.length === 3) return [shape[0]!, shape[1]!];
  throw unsupported(layer, `needs images [height, width, channels], but is called on [${shape}].`);
}

/** Layers that bring images to another size. */
export const IMAGE_LAYERS: Readonly<Record<string, LayerImporter>> = {
  CenterCrop: centerCrop,
  RandomCrop: randomCrop,
  Resizing: resizing,
  UpSampling1D: upSamplingOfSteps,
  UpSampling2D: upSampling,
};

import {unsupported} from '../config.ts';
import type {LayerImporter} from './layer.ts';
import {soleInput} from './layer.ts';

/** At inference nothing is dropped, turned or mixed, and no noise is added: the layer's input is its output. */
const passThrough: LayerImporter = call => [soleInput(call).id];

/** TensorFlow.js' own layers of these names change the size of an image at inference too. */
const passThroughOfKeras: LayerImporter = call => {
  if (call.savedBy !== 'tfjs') return passThrough(call);
  throw unsupported(call.layer, 'gives images of random sizes in TensorFlow.js, also at inference. Leave it out.');
};

const PASSING: readonly string[] = [
  ...['ActivityRegularization', 'AlphaDropout', 'Dropout', 'GaussianDropout', 'GaussianNoise', 'Identity'],
  ...['SpatialDropout1D', 'SpatialDropout2D'],
  ...['AugMix', 'CutMix', 'MixUp', 'RandAugment', 'RandomBrightness', 'RandomColorDegeneration', 'RandomColorJitter'],
  ...['RandomContrast', 'RandomElasticTransform', 'RandomErasing', 'RandomFlip', 'RandomGaussianBlur'],
  ...['RandomGrayscale', 'RandomHue', 'RandomInvert', 'RandomPerspective', 'RandomPosterization', 'RandomRotation'],
  ...['RandomSaturation', 'RandomSharpness', 'RandomShear', 'RandomTranslation', 'RandomZoom'],
];

/** Layers that act while training alone. */
export const NOISE_LAYERS: Readonly<Record<string, LayerImporter>> = {
  ...Object.fromEntries(PASSING.map(name => [name, passThrough])),
  RandomHeight: passThroughOfKeras,
  RandomWidth: passThroughOfKeras,
};

import type {LayerImporter} from './layer.ts';
import {soleInput} from './layer.ts';

/** At inference nothing is dropped and no noise is added: the layer's input is its output. */
const passThrough: LayerImporter = call => [soleInput(call).id];

/** Layers that act while training alone. */
export const NOISE_LAYERS: Readonly<Record<string, LayerImporter>> = {
  ActivityRegularization: passThrough,
  AlphaDropout: passThrough,
  Dropout: passThrough,
  GaussianDropout: passThrough,
  GaussianNoise: passThrough,
  SpatialDropout1D: passThrough,
  SpatialDropout2D: passThrough,
};

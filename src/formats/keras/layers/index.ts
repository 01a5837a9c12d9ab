import {ACTIVATION_LAYERS} from './activation.ts';
import {CONVOLUTION_LAYERS} from './convolution.ts';
import {DENSE_LAYERS} from './dense.ts';
import {IMAGE_LAYERS} from './image.ts';
import type {LayerImporter} from './layer.ts';
import {MERGE_LAYERS} from './merge.ts';
import {NOISE_LAYERS} from './noise.ts';
import {NORMALIZATION_LAYERS} from './normalization.ts';
import {POOLING_LAYERS} from './pooling.ts';
import {REARRANGE_LAYERS} from './rearrange.ts';
import {RECURRENT_LAYERS} from './recurrent.ts';
import {WRAPPER_LAYERS} from './wrappers.ts';

/** The import rule of every Keras class that is understood, besides models and their inputs. */
export const LAYERS: Readonly<Record<string, LayerImporter>> = {
  ...ACTIVATION_LAYERS,
  ...CONVOLUTION_LAYERS,
  ...DENSE_LAYERS,
  ...IMAGE_LAYERS,
  ...MERGE_LAYERS,
  ...NOISE_LAYERS,
  ...NORMALIZATION_LAYERS,
  ...POOLING_LAYERS,
  ...REARRANGE_LAYERS,
  ...RECURRENT_LAYERS,
  ...WRAPPER_LAYERS,
};

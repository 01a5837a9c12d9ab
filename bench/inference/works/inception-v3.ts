import {loadLayersModel} from '@tensorflow/tfjs-layers';
import {nsfwArtifacts} from '../../../testing/nsfwjs.ts';
import type {Work} from './work.ts';

/** The network of Szegedy et al. 2015 (arXiv 1512.00567), trained, 5 classes: nsfwjs ships it with 8-bit weights. */
export const inceptionV3: Work = {
  name: 'InceptionV3',
  inputShape: [1, 299, 299, 3],
  build: async () => loadLayersModel({load: async () => nsfwArtifacts('inception_v3')}),
};

import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import type {io} from '@tensorflow/tfjs-core';
import {loadLayersModel} from '@tensorflow/tfjs-layers';
import type {Work} from './work.ts';

/** The network of Szegedy et al. 2015 (arXiv 1512.00567), trained, 5 classes: nsfwjs ships it with 8-bit weights. */
export const inceptionV3: Work = {
  name: 'InceptionV3',
  inputShape: [1, 299, 299, 3],
  build: async () => loadLayersModel({load: async () => inceptionArtifacts()}),
};

interface ModelJson {
  readonly modelTopology: object;
  readonly weightsManifest: readonly {readonly paths: readonly string[]; readonly weights: io.WeightsManifestEntry[]}[];
}

/**
 * InceptionV3 as Keras layers model artifacts with uint8 weights, from the package `nsfwjs` in `bench/`.
 *
 * @throws Error `MODULE_NOT_FOUND` when it is not installed: `npm ci --prefix bench`.
 */
export function inceptionArtifacts(): io.ModelArtifacts {
  const require = createRequire(import.meta.url);
  // The package exports loaders that expect a browser; the scripts they load lie in its folder.
  const folder = join(dirname(require.resolve('nsfwjs')), '../models/inception_v3');
  const model = require(join(folder, 'model.min.js')) as ModelJson;
  const shards = model.weightsManifest.flatMap(({paths}) =>
    paths.map(path => Buffer.from(require(join(folder, `${path}.min.js`)) as string, 'base64')),
  );
  const bytes = Uint8Array.from(Buffer.concat(shards));
  return {
    modelTopology: model.modelTopology,
    format: 'layers-model',
    weightSpecs: model.weightsManifest.flatMap(({weights}) => weights),
    weightData: bytes.buffer,
  };
}

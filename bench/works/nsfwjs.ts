import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {io} from '@tensorflow/tfjs-core';

/** Trained layers models that the package `nsfwjs` ships with uint8 weights. */
export type NsfwModel = 'inception_v3' | 'mobilenet_v2';

interface ModelJson {
  readonly modelTopology: object;
  readonly weightsManifest: readonly {readonly paths: readonly string[]; readonly weights: io.WeightsManifestEntry[]}[];
}

const here = fileURLToPath(new URL('.', import.meta.url));
/** Where `npm ci --prefix bench` and `npm run models` put the package. */
const PLACES = ['../node_modules/nsfwjs', '../../.cache/models/nsfwjs'].map(place => join(here, place));

/** Whether the package `nsfwjs` is there. */
export function hasNsfwModels(): boolean {
  return folderOf('inception_v3') !== undefined;
}

/**
 * A model of `nsfwjs` as artifacts of a Keras layers model; the topology and the weights are new at each call.
 *
 * @throws Error when the package is not there: `npm ci --prefix bench` or `npm run models` brings it.
 */
export function nsfwArtifacts(name: NsfwModel): io.ModelArtifacts {
  const folder = folderOf(name);
  if (folder === undefined)
    throw new Error(`${name} needs the package nsfwjs: npm ci --prefix bench, or npm run models`);
  // The package exports loaders that expect a browser; the scripts they load lie in its folder.
  const require = createRequire(import.meta.url);
  const model = require(join(folder, 'model.min.js')) as ModelJson;
  const shards = model.weightsManifest.flatMap(({paths}) =>
    paths.map(path => Buffer.from(require(join(folder, `${path}.min.js`)) as string, 'base64')),
  );
  return {
    modelTopology: structuredClone(model.modelTopology),
    format: 'layers-model',
    weightSpecs: model.weightsManifest.flatMap(({weights}) => weights),
    weightData: Uint8Array.from(Buffer.concat(shards)).buffer,
  };
}

function folderOf(name: NsfwModel): string | undefined {
  return PLACES.map(place => join(place, 'dist/models', name)).find(folder => existsSync(join(folder, 'model.min.js')));
}

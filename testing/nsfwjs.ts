import {existsSync, readFileSync} from 'node:fs';
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

/** A model's folder, and how its files are read there. */
interface Source {
  readonly json: string;
  readonly read: () => ModelJson;
  readonly readShard: (path: string) => Buffer;
}

const require = createRequire(import.meta.url);
const here = fileURLToPath(new URL('.', import.meta.url));

/** Whether the models of `nsfwjs` are there. */
export function hasNsfwModels(): boolean {
  return sourceOf('inception_v3') !== undefined && sourceOf('mobilenet_v2') !== undefined;
}

/**
 * A model of `nsfwjs` as artifacts of a Keras layers model; the topology and the weights are new at each call.
 *
 * @throws Error when the model is not there: `npm run models` or `npm ci --prefix bench` brings it.
 */
export function nsfwArtifacts(name: NsfwModel): io.ModelArtifacts {
  const source = sourceOf(name);
  if (source === undefined) throw new Error(`${name} of nsfwjs is missing: npm run models, or npm ci --prefix bench`);
  const model = source.read();
  const shards = model.weightsManifest.flatMap(({paths}) => paths.map(source.readShard));
  return {
    modelTopology: structuredClone(model.modelTopology),
    format: 'layers-model',
    weightSpecs: model.weightsManifest.flatMap(({weights}) => weights),
    weightData: Uint8Array.from(Buffer.concat(shards)).buffer,
  };
}

function sourceOf(name: NsfwModel): Source | undefined {
  return [fetched(name), installed(name)].find(({json}) => existsSync(json));
}

/** As `npm run models` keeps it. */
function fetched(name: NsfwModel): Source {
  const folder = join(here, '../.cache/models', name);
  const json = join(folder, 'model.json');
  return {
    json,
    read: () => JSON.parse(readFileSync(json, 'utf8')),
    readShard: path => readFileSync(join(folder, path)),
  };
}

/** As the package holds it, for loaders that expect a browser: scripts of JSON and base64. */
function installed(name: NsfwModel): Source {
  const folder = join(here, '../bench/node_modules/nsfwjs/dist/models', name);
  const json = join(folder, 'model.min.js');
  return {
    json,
    read: () => require(json),
    readShard: path => Buffer.from(require(join(folder, `${path}.min.js`)), 'base64'),
  };
}

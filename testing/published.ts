import {existsSync, readdirSync, readFileSync} from 'node:fs';
import type {ModelArtifacts, WeightSpec} from '../src/artifacts/artifacts.ts';

const CACHE = new URL('../.cache/models/', import.meta.url);

/** The published models that `npm run models` has fetched; none where it has not run. */
export const PUBLISHED: readonly string[] = existsSync(CACHE)
  ? readdirSync(CACHE).filter(name => existsSync(new URL(`${name}/model.json`, CACHE)))
  : [];

/** Whether a model that is one file has been fetched. */
export function isPublished(file: string): boolean {
  return existsSync(new URL(file, CACHE));
}

/** What a `model.json` holds. */
export interface ModelJson {
  readonly modelTopology: object;
  readonly format?: string;
  readonly weightsManifest: readonly {readonly paths: readonly string[]; readonly weights: readonly WeightSpec[]}[];
}

/** The JSON of a published model. */
export function publishedJson(name: string): ModelJson {
  return JSON.parse(readFileSync(new URL(`${name}/model.json`, CACHE), 'utf8'));
}

/** A file of a published model. */
export function publishedFile(name: string, path: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(new URL(`${name}/${path}`, CACHE)));
}

/** The files of a model in a folder, as a browser hands over those that a person has picked. */
export function pickedFiles(folder: URL): File[] {
  return readdirSync(folder)
    .filter(name => /\.(json|bin)$/.test(name))
    .map(name => new File([readFileSync(new URL(name, folder))], name));
}

/** The files of a published model. */
export function publishedFiles(name: string): File[] {
  const paths = publishedJson(name).weightsManifest.flatMap(group => group.paths);
  return ['model.json', ...paths].map(path => new File([publishedFile(name, path)], path));
}

/** The artifacts of a published model. */
export function publishedArtifacts(name: string): ModelArtifacts {
  const {weightsManifest, ...head} = publishedJson(name);
  const shards = weightsManifest.flatMap(({paths}) => paths.map(path => publishedFile(name, path)));
  return {
    ...head,
    weightSpecs: weightsManifest.flatMap(({weights}) => weights),
    weightData: Uint8Array.from(Buffer.concat(shards)).buffer,
  };
}

import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import {joinedBytes} from '../../artifacts/weight-bytes.ts';

/** Browsers cache files of this size well; it is also what TensorFlow.js' own tools write. */
const SHARD_BYTES = 4 * 1024 * 1024;

/** The files of a TensorFlow.js model: `model.json`, and its weights in files of at most 4 MiB. */
export function filesOf(artifacts: ModelArtifacts): ReadonlyMap<string, Uint8Array> {
  const {weightData, weightSpecs, ...head} = artifacts;
  const bytes = joinedBytes({weightData});
  const count = Math.ceil(bytes.length / SHARD_BYTES);
  const shards = Array.from({length: count}, (_, i): [string, Uint8Array] => [
    `group1-shard${i + 1}of${count}.bin`,
    bytes.slice(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  ]);
  const weightsManifest = [{paths: shards.map(([path]) => path), weights: weightSpecs}];
  const json = new TextEncoder().encode(JSON.stringify({...head, weightsManifest}));
  return new Map([['model.json', json], ...shards]);
}

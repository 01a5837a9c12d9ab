import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import type {StoredWeight} from '../artifacts/stored-weights.ts';
import {concatenated} from '../artifacts/weight-bytes.ts';

/** Browsers cache files of this size well; it is also what TensorFlow.js' own tools write. */
const SHARD_BYTES = 4 * 1024 * 1024;

/** Weights that follow one another, and the files that they lie in. */
export interface WeightFiles {
  readonly files: readonly {readonly path: string; readonly bytes: number}[];
  /** How many weights. */
  readonly count: number;
}

/**
 * In which files the weights of a `model.json` came.
 *
 * @param groups Of its manifest.
 * @param buffers What each file held, in order.
 */
export function filesBy(
  groups: readonly {readonly paths: readonly string[]; readonly count: number}[],
  buffers: readonly {readonly byteLength: number}[],
): WeightFiles[] {
  let next = 0;
  return groups.map(({paths, count}) => ({
    count,
    files: paths.map(path => ({path, bytes: buffers[next++]!.byteLength})),
  }));
}

/**
 * The files of a TensorFlow.js model: `model.json`, and its weights.
 *
 * @param weights All of them, in order.
 * @param layout In which files they came: the names stay, and the sizes where they still fit. Without it, files of at
 *     most 4 MiB.
 */
export function filesOf(
  artifacts: ModelArtifacts,
  weights: readonly StoredWeight[],
  layout?: readonly WeightFiles[],
): ReadonlyMap<string, Uint8Array> {
  const {weightData: _, weightSpecs: __, ...head} = artifacts;
  const shards: [string, Uint8Array][] = [];
  const weightsManifest: object[] = [];
  let first = 0;
  for (const {files, count} of layout ?? [{files: [], count: weights.length}]) {
    const group = weights.slice(first, first + count);
    first += count;
    const bytes = concatenated(group.map(weight => weight.bytes));
    const own = files.length === 0 ? standardFiles(bytes.length) : files;
    let at = 0;
    const paths = own.flatMap(({path, bytes: size}, i) => {
      const end = i === own.length - 1 ? bytes.length : Math.min(bytes.length, at + size);
      // A file that nothing is left for goes.
      if (end === at && i > 0) return [];
      shards.push([path, bytes.slice(at, end)]);
      at = end;
      return [path];
    });
    weightsManifest.push({paths, weights: group.map(({spec}) => spec)});
  }
  const json = new TextEncoder().encode(JSON.stringify({...head, weightsManifest}));
  return new Map([['model.json', json], ...shards]);
}

function standardFiles(bytes: number): WeightFiles['files'] {
  const count = Math.ceil(bytes / SHARD_BYTES);
  return Array.from({length: count}, (_, i) => ({path: `group1-shard${i + 1}of${count}.bin`, bytes: SHARD_BYTES}));
}

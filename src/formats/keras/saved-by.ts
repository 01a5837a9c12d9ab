import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import type {Config} from './config.ts';
import {camelKeys, isRecord, parsedJson} from './config.ts';

/**
 * Which library saved a topology. Each computes some layers in its own way, and a model means what the library computes
 * that it was trained with.
 */
export type SavedBy = 'tfjs' | 'keras-2' | 'keras-3';

/**
 * Which library saved a topology: the version in it says so, else what generated the artifacts, else the way it is
 * written. TensorFlow.js writes its own version when it saves a model that it has loaded from Python: such a model has
 * become one of its own. Keras 2 where nothing tells.
 */
export function savedBy({modelTopology, generatedBy}: Pick<ModelArtifacts, 'modelTopology' | 'generatedBy'>): SavedBy {
  const topology = parsedJson(modelTopology);
  const version = isRecord(topology) ? (topology['keras_version'] ?? topology['kerasVersion']) : undefined;
  for (const text of [version, generatedBy]) {
    if (typeof text !== 'string') continue;
    if (/tfjs|TensorFlow\.js/i.test(text)) return 'tfjs';
    const major = /(\d+)(\.\d+)*/.exec(text)?.[1];
    if (major !== undefined) return Number(major) >= 3 ? 'keras-3' : 'keras-2';
  }
  // Only TensorFlow.js' objects have camelCase before they are saved; Python's topologies have an envelope.
  if (isRecord(topology) && 'className' in topology) return 'tfjs';
  return hasMarksOfKeras3(camelKeys(topology)) ? 'keras-3' : 'keras-2';
}

/** Whether anything in a topology is written as Keras 3 alone writes it. Walks with a stack of its own. */
function hasMarksOfKeras3(topology: unknown): boolean {
  const stack: unknown[] = [topology];
  const seen = new Set<unknown>();
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    const {className, batchShape} = value as Config;
    if (batchShape !== undefined || className === '__keras_tensor__' || className === 'DTypePolicy') return true;
    for (const inner of Object.values(value)) stack.push(inner === value ? null : inner);
  }
  return false;
}

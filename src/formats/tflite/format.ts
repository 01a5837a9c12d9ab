import type {ChannelLevels, Kept} from '../../artifacts/open-model.ts';
import type {FileFormat} from '../file-format.ts';
import {placesIn} from './places.ts';
import {readModel, type TfliteModel} from './read-model.ts';
import {withInt8} from './rewrite/int8.ts';

/** TensorFlow Lite's file: weights change in their places, everything else stays as it is. */
export const TFLITE: FileFormat = {
  read: file => {
    const model = readModel(file);
    return {
      places: placesIn(model),
      graph: async options => (await import('./graph.ts')).graphOf(model, options),
    };
  },
  withLevels: (file, levels) => {
    const model = readModel(file);
    const sparse = sparseContents(model);
    const weights = new Map<number, ChannelLevels>();
    const kept: Kept[] = [];
    for (const {name, from, dtype} of placesIn(model)) {
      const weight = levels.get(name);
      if (weight === undefined) continue;
      if (dtype !== 'float32' && dtype !== 'float16') kept.push({name, reason: `is ${dtype}`});
      else if (sparse.has(from)) kept.push({name, reason: 'is stored sparsely'});
      else weights.set(from, weight);
    }
    return {file: weights.size === 0 ? file : withInt8(file, weights), kept};
  },
};

/** Where the contents of sparse tensors begin. */
function sparseContents({graphs}: TfliteModel): ReadonlySet<number> {
  const tensors = graphs.flatMap(graph => graph.tensors);
  return new Set(
    tensors.flatMap(({sparsity, content}) => (sparsity === null || content === null ? [] : [content.from])),
  );
}

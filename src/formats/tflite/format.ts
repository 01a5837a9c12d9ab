import type {FileFormat} from '../file-format.ts';
import {placesIn} from './places.ts';
import {readModel} from './read-model.ts';

/** TensorFlow Lite's file: weights change in their places, everything else stays as it is. */
export const TFLITE: FileFormat = {
  read: file => {
    const model = readModel(file);
    return {
      places: placesIn(model),
      graph: async options => (await import('./graph.ts')).graphOf(model, options),
    };
  },
};

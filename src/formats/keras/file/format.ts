import {decodeNumbers} from '../../../artifacts/decode.ts';
import {storedWeights} from '../../../artifacts/stored-weights.ts';
import type {FileFormat, PlacedWeight} from '../../file-format.ts';
import {layerTree} from '../layer-tree.ts';
import {readTopology} from '../topology.ts';
import {mapWeights} from '../weight-uses.ts';
import {readKerasFile} from './read.ts';
import {fromValues, keepsBytes, toArtifacts} from './values.ts';

/** The `.h5` and `.keras` files of Python's Keras as files that `open` reads. */
export const kerasFormat: FileFormat = {
  read: file => {
    const {artifacts, places} = readKerasFile(file);
    const {uses} = mapWeights(artifacts.weightSpecs, layerTree(readTopology(artifacts.modelTopology)));
    const weights = storedWeights(artifacts);
    const placed = places.map(({name, dtype, at, stored}, i): PlacedWeight => {
      const {spec, stored: kind} = weights[i]!;
      return {
        name,
        shape: spec.shape,
        dtype: kind,
        uses: uses.get(name) ?? [],
        ...(at ?? {from: 0, to: 0, elsewhere: stored()}),
        ...(keepsBytes(dtype)
          ? {}
          : {
              decode: (bytes: Uint8Array) =>
                decodeNumbers(toArtifacts(name, spec.shape, dtype, bytes).bytes, kind, spec),
              encode: (values: Float32Array) => fromValues(name, dtype, values),
            }),
      };
    });
    return {
      places: placed.sort((a, b) => a.from - b.from),
      artifacts,
      graph: async options => (await import('../graph.ts')).importGraph(artifacts, options),
    };
  },
  patch: async (file, changed) => (await import('./patch.ts')).patchKerasFile(file, changed),
};

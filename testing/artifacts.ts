import type {ModelArtifacts, WeightSpec} from '../src/artifacts/artifacts.ts';

/** One weight of a model to be saved. */
export interface StoredWeight {
  readonly spec: WeightSpec;
  readonly bytes: Uint8Array;
}

/** How a weight's numbers are stored. */
export type Storage = Omit<WeightSpec, 'name' | 'shape'>;

/** A weight that lies in memory as `words` do. */
export function stored(name: string, shape: readonly number[], as: Storage, words: ArrayBufferView): StoredWeight {
  return {
    spec: {name, shape, ...as},
    bytes: new Uint8Array(words.buffer, words.byteOffset, words.byteLength),
  };
}

/** A float32 weight. */
export function floats(name: string, shape: readonly number[], values: Float32Array): StoredWeight {
  return stored(name, shape, {dtype: 'float32'}, values);
}

/**
 * A saved model with these weights, in order, each of the layer that its name begins with.
 *
 * @param head What else is saved, or is saved in place of the usual: a topology, a format, metadata.
 */
export function artifactsWith(
  weights: readonly StoredWeight[],
  head: Readonly<Record<string, unknown>> = {},
): ModelArtifacts {
  return {
    modelTopology: topologyOf(layersOf(weights)),
    format: 'layers-model',
    generatedBy: 'TensorFlow.js tfjs-layers v4.22.0',
    convertedBy: null,
    ...head,
    weightSpecs: weights.map(({spec}) => spec),
    weightData: Uint8Array.from(Buffer.concat(weights.map(({bytes}) => bytes))).buffer,
  };
}

/** The topology of a Sequential of these layers. */
export function topologyOf(layers: readonly object[]): object {
  return {class_name: 'Sequential', config: {name: 'sequential_1', layers}};
}

/** The layers that would have such weights: `a/kernel` and `a/bias` are those of a dense layer. */
function layersOf(weights: readonly StoredWeight[]): readonly object[] {
  const classes = new Map<string, string>();
  for (const {spec} of weights) {
    const [, layer, weight] = /^(.*)\/([^/]+)$/.exec(spec.name) ?? [];
    if (layer === undefined) continue;
    const normalises = /^(gamma|beta|moving_mean|moving_variance)$/.test(weight!);
    classes.set(layer, normalises ? 'BatchNormalization' : weight === 'embeddings' ? 'Embedding' : 'Dense');
  }
  return [...classes].map(([name, class_name]) => ({class_name, config: {name}}));
}

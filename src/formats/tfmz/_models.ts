import type {ModelArtifacts, WeightSpec} from '../../artifacts/artifacts.ts';
import {atOnce} from '../../pace.ts';
import {encodeFile} from './encode/encode-file.ts';
import {meterOf} from './format/meter.ts';

/** For tests: artifacts of a model with these weights, in order, each of the layer that its name begins with. */
export function artifactsWith(
  weights: readonly {readonly spec: WeightSpec; readonly bytes: Uint8Array}[],
): ModelArtifacts {
  const data = new Uint8Array(weights.reduce((sum, {bytes}) => sum + bytes.length, 0));
  let at = 0;
  for (const {bytes} of weights) {
    data.set(bytes, at);
    at += bytes.length;
  }
  return {
    modelTopology: {class_name: 'Sequential', config: {name: 'sequential_1', layers: layersOf(weights)}},
    format: 'layers-model',
    generatedBy: 'TensorFlow.js tfjs-layers v4.22.0',
    convertedBy: null,
    weightSpecs: weights.map(({spec}) => spec),
    weightData: data.buffer,
  };
}

/** The layers that would have such weights: `a/kernel` and `a/bias` are those of a dense layer. */
function layersOf(weights: readonly {readonly spec: WeightSpec}[]): readonly object[] {
  const classes = new Map<string, string>();
  for (const {spec} of weights) {
    const [, layer, weight] = /^(.*)\/([^/]+)$/.exec(spec.name) ?? [];
    if (layer === undefined) continue;
    const normalises = /^(gamma|beta|moving_mean|moving_variance)$/.test(weight!);
    classes.set(layer, normalises ? 'BatchNormalization' : weight === 'embeddings' ? 'Embedding' : 'Dense');
  }
  return [...classes].map(([name, class_name]) => ({class_name, config: {name}}));
}

/** A float32 weight. */
export function floats(
  name: string,
  shape: readonly number[],
  values: Float32Array,
): {spec: WeightSpec; bytes: Uint8Array} {
  return {
    spec: {name, shape, dtype: 'float32'},
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

/** The file of artifacts, in one go. */
export function encoded(artifacts: ModelArtifacts): Uint8Array {
  return atOnce(encodeFile(artifacts, new Map(), meterOf())).bytes;
}

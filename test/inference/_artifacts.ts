import type {ModelArtifacts, WeightSpec} from '../../src/artifacts/artifacts.ts';

/** A Keras layer entry as Python writes it: snake_case, config without the defaults. */
export function layer(className: string, name: string, config: object, inbound?: unknown): Record<string, unknown> {
  return {
    class_name: className,
    name,
    config: {name, ...config},
    ...(inbound === undefined ? {} : {inbound_nodes: inbound}),
  };
}

/** Artifacts of a Sequential of `layers` as the Python converter writes them, float32 weights one after the other. */
export function sequentialArtifacts(
  layers: readonly object[],
  weights: Readonly<Record<string, readonly [shape: readonly number[], values: ArrayLike<number>]>> = {},
): ModelArtifacts {
  return {
    modelTopology: {
      keras_version: '2.12.0',
      backend: 'tensorflow',
      model_config: {class_name: 'Sequential', config: {name: 'sequential', layers}},
    },
    ...weightData(weights),
  };
}

/** Specs and bytes of float32 weights. */
export function weightData(
  weights: Readonly<Record<string, readonly [shape: readonly number[], values: ArrayLike<number>]>>,
): Pick<ModelArtifacts, 'weightSpecs' | 'weightData'> {
  const weightSpecs: WeightSpec[] = [];
  const all: number[] = [];
  for (const [name, [shape, values]] of Object.entries(weights)) {
    weightSpecs.push({name, shape, dtype: 'float32'});
    for (let i = 0; i < values.length; i++) all.push(values[i]!);
  }
  return {weightSpecs, weightData: Float32Array.from(all).buffer};
}

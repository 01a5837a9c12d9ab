import {serialization} from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../errors.ts';
import {duplicateTfjs} from './walk.ts';

/** A layer or model as saved: its registered class and that class's own configuration. */
export interface SavedLayer {
  readonly className: string;
  readonly config: serialization.ConfigDict;
}

/** A copy of what `layer` saves of itself; nothing in it belongs to the layer. */
export function savedLayer(layer: layers.Layer): SavedLayer {
  return {className: layer.getClassName(), config: JSON.parse(JSON.stringify(layer.getConfig()))};
}

/**
 * Checks that layers of a class can be made again from their configuration.
 *
 * @throws TfmotError `unsupported-layer` when the class is not registered, `duplicate-tfjs` when it has been registered by
 * another copy of tfjs-layers, whose layers are of no use to this one.
 */
export function checkRegistered(className: string): void {
  const entry = serialization.SerializationMap.getMap().classNameMap[className];
  if (entry === undefined) {
    throw new TfmotError(
      'unsupported-layer',
      `Every layer class must be registered, because layers are rebuilt from their configuration, but '${className}' is not. ` +
        `Call tf.serialization.registerClass(${className}) once.`,
    );
  }
  if (!(entry[0].prototype instanceof layers.Layer)) throw duplicateTfjs(`the registered class '${className}'`);
}

/**
 * Makes the layer or model that `saved` describes, with weights yet to be set.
 *
 * tfjs-layers does not export its own `deserialize`; the registry it looks classes up in is public.
 *
 * @param zeroWeights Start from zeros where that is cheaper than the layer's initializers.
 * @throws TfmotError `unsupported-layer` when the class is not registered.
 */
export function rebuild(saved: SavedLayer, zeroWeights = false): layers.Layer {
  checkRegistered(saved.className);
  const [cls, fromConfig] = serialization.SerializationMap.getMap().classNameMap[saved.className] as unknown as [
    serialization.SerializableConstructor<layers.Layer>,
    (cls: unknown, config: serialization.ConfigDict, customObjects: object, fastWeightInit: boolean) => layers.Layer,
  ];
  return fromConfig(cls, saved.config, {}, zeroWeights);
}

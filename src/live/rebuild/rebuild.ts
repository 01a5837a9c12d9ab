import {serialization} from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import {duplicateTfjs} from '../walk.ts';
import {rememberConfig, type SavedLayer} from './saved-layer.ts';

/**
 * Checks that layers of a class can be made again from their configuration.
 *
 * @param name The layer asked about, for the message.
 * @throws TfmotError `unsupported-layer` when the class is not registered, `duplicate-tfjs` when it has been registered
 * by another copy of tfjs-layers, whose layers are of no use to this one.
 */
export function checkRegistered(className: string, name: string): void {
  const entry = serialization.SerializationMap.getMap().classNameMap[className];
  if (entry === undefined) {
    throw new TfmotError(
      'unsupported-layer',
      `Every layer class must be registered, because layers are rebuilt from their configuration, but '${className}' of layer '${name}' is not. ` +
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
 * @throws TfmotError `unsupported-layer` when the class is not registered; whatever a layer throws that cannot be made.
 */
export function rebuild(saved: SavedLayer, zeroWeights = false): layers.Layer {
  checkRegistered(saved.className, String(saved.config['name']));
  const [cls, fromConfig] = serialization.SerializationMap.getMap().classNameMap[saved.className] as unknown as [
    serialization.SerializableConstructor<layers.Layer>,
    (cls: unknown, config: serialization.ConfigDict, customObjects: object, fastWeightInit: boolean) => layers.Layer,
  ];
  const made = fromConfig(cls, saved.config, {}, zeroWeights);
  rememberConfig(made);
  return made;
}

import {ones, type serialization as Serialization, serialization, type Tensor, zeros} from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';
import {mapLayers, type SavedLayer} from '../rebuild/saved-layer.ts';
import {insideNormalization} from '../tfjs-private.ts';

type NormalizationClass = Serialization.SerializableConstructor<layers.Layer>;
type Kwargs = Record<string, unknown>;

// Neither class is exported. A name keeps the layer made here from using up one of those that TensorFlow.js counts.
const BatchNormalization = classOf(layers.batchNormalization({name: 'batch_normalization'}));
const LayerNormalization = classOf(layers.layerNormalization({name: 'layer_normalization'}));

function classOf(layer: layers.Layer): NormalizationClass {
  return layer.constructor as unknown as NormalizationClass;
}

/**
 * A `BatchNormalization` that also trains without its scale or center. TensorFlow.js reads both unasked in a training
 * pass; here constant ones and zeros stand in for what is not there. Configuration, weights and their names are those
 * of the original.
 */
class TrainableBatchNormalization extends BatchNormalization {
  static override readonly className: string = 'TrainableBatchNormalization';

  override call(inputs: Tensor | Tensor[], kwargs: Kwargs): Tensor | Tensor[] {
    return withStandIns(this, inputs, kwargs, () => super.call(inputs, kwargs));
  }
}

/**
 * A `LayerNormalization` that also trains without its scale or center, where the gradient of TensorFlow.js' batch
 * normalisation asks for both.
 */
class TrainableLayerNormalization extends LayerNormalization {
  static override readonly className: string = 'TrainableLayerNormalization';

  override call(inputs: Tensor | Tensor[], kwargs: Kwargs): Tensor | Tensor[] {
    return withStandIns(this, inputs, kwargs, () => super.call(inputs, kwargs));
  }
}

const TRAINABLE: Readonly<Record<string, string>> = {
  BatchNormalization: TrainableBatchNormalization.className,
  LayerNormalization: TrainableLayerNormalization.className,
};
const ORIGINAL: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(TRAINABLE).map(([original, trainable]) => [trainable, original]),
);

/** A saved layer or model in which every normalisation, however deep inside, can be trained. */
export function trainableNormalization(saved: SavedLayer): SavedLayer {
  return mapLayers(saved, ({className, config}) => {
    const trainable = Object.hasOwn(TRAINABLE, className) ? TRAINABLE[className] : undefined;
    const misses = config['scale'] === false || config['center'] === false;
    return {className: trainable !== undefined && misses ? trainable : className, config};
  });
}

/** The inverse of {@link trainableNormalization}: the saved layer or model with its own classes. */
export function originalNormalization(saved: SavedLayer): SavedLayer {
  return mapLayers(saved, ({className, config}) => ({className: originalClass(className), config}));
}

/** The class that a layer of class `className` has outside of training: its own, unless it was made trainable here. */
export function originalClass(className: string): string {
  return Object.hasOwn(ORIGINAL, className) ? ORIGINAL[className]! : className;
}

/** Runs a pass; in training with constants in place of a missing gamma or beta. */
function withStandIns<T>(layer: layers.Layer, inputs: Tensor | Tensor[], kwargs: Kwargs, pass: () => T): T {
  if (kwargs?.['training'] !== true) return pass();
  const inside = insideNormalization(layer);
  const {gamma, beta, scale, center} = inside;
  const input = Array.isArray(inputs) ? inputs[0]! : inputs;
  const shape = [inside.axis].flat().map(axis => input.shape.at(axis)!);
  inside.gamma ??= {read: () => ones(shape)};
  inside.beta ??= {read: () => zeros(shape)};
  inside.scale = true;
  inside.center = true;
  try {
    return pass();
  } finally {
    Object.assign(inside, {gamma, beta, scale, center});
  }
}

serialization.registerClass(TrainableBatchNormalization);
serialization.registerClass(TrainableLayerNormalization);

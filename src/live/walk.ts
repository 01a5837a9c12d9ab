import {layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../errors.ts';

/** A layer that holds layers: Sequential, Model, Functional, at the top or nested. */
export interface LayerContainer extends layers.Layer {
  readonly layers: layers.Layer[];
}

/** Whether `layer` is a model. Asked of its shape, not of its class, so that any kind of model is found. */
export function isContainer(layer: layers.Layer): layer is LayerContainer {
  return Array.isArray((layer as Partial<LayerContainer>).layers);
}

/**
 * The layers of a model, depth first, in the order of `model.layers`; nested models are entered and not listed
 * themselves. A layer used in several places comes once.
 */
export function leafLayers(model: LayerContainer): layers.Layer[] {
  const found = new Set<layers.Layer>();
  const visit = (container: LayerContainer): void => {
    for (const layer of container.layers) {
      if (isContainer(layer)) visit(layer);
      else found.add(layer);
    }
  };
  visit(model);
  return [...found];
}

/**
 * Whether `value` is a layer or model of the tfjs-layers that this library uses.
 *
 * @throws TfmotError `duplicate-tfjs` when it is one of another copy: classes, registry and callbacks are per copy, so
 * nothing done with it here would take effect there.
 */
export function isLayer(value: unknown): value is layers.Layer {
  if (value instanceof layers.Layer) return true;
  const like = value as Partial<layers.Layer> | null | undefined;
  if (
    typeof like === 'object' &&
    like !== null &&
    typeof like.getClassName === 'function' &&
    typeof like.countParams === 'function' &&
    typeof like.apply === 'function'
  ) {
    throw duplicateTfjs(`'${like.name}'`);
  }
  return false;
}

/** The error for what belongs to another copy of tfjs-layers. */
export function duplicateTfjs(what: string): TfmotError {
  return new TfmotError(
    'duplicate-tfjs',
    `Models and layers must come from the same copy of @tensorflow/tfjs-layers as this library uses, but ${what} comes from another. ` +
      'Install one version and let every package resolve to it (npm ls @tensorflow/tfjs-layers shows them).',
  );
}

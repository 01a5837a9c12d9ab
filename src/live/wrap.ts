import {tidy} from '@tensorflow/tfjs-core';
import type {LayersModel, layers} from '@tensorflow/tfjs-layers';
import {WRAPPER_CLASSES} from '../artifacts/wrappers.ts';
import {TfmotError} from '../errors.ts';
import {cloneModel} from './rebuild/clone.ts';
import {rebuild} from './rebuild/rebuild.ts';
import {checkRebuildable, makeOrNothing} from './rebuild/rebuildable.ts';
import {type SavedLayer, savedLayer} from './rebuild/saved-layer.ts';
import {gradientPath} from './trainable/gradient-path.ts';
import {checkTrainable} from './trainable/limits.ts';
import {originalClass, originalNormalization, trainableNormalization} from './trainable/normalization.ts';
import {leafLayers} from './walk.ts';
import type {WeightWrapper} from './weight-wrapper.ts';
import {assign, copyWeights} from './weights.ts';

/**
 * A copy of a model in which layers are wrapped and all can be trained.
 *
 * @param wrapperOf What the wrapper of a layer is made of; for a layer that is wrapped already, what its copy is made
 *   of. `undefined` leaves a layer without one.
 * @throws TfmotError `unsupported-layer` naming a layer that cannot be trained or rebuilt; then nothing is left of the
 *     copy.
 */
export function wrapModel<M extends LayersModel>(
  model: M,
  wrapperOf: (layer: layers.Layer) => SavedLayer | undefined,
): M {
  const path = gradientPath(model);
  for (const layer of leafLayers(model)) checkTrainable(layer, path.has(layer));
  const replace = (layer: layers.Layer) => {
    const wrapper = wrapperOf(layer);
    return wrapper && {...wrapper, copy: copyIntoWrapper};
  };
  return cloneModel(model, {replace, change: trainableNormalization});
}

function copyIntoWrapper(from: layers.Layer, to: layers.Layer): void {
  if (from.getClassName() === to.getClassName()) {
    copyWeights(from, to);
    return;
  }
  const wrapper = to as WeightWrapper;
  copyWeights(from, wrapper.layer);
  wrapper.weightsAreSet();
}

/**
 * A wrapper around a copy of one layer, which takes the weights that the layer already has when it is built.
 *
 * @throws TfmotError `unsupported-layer` when the layer cannot be trained or rebuilt.
 */
export function wrapLayer(layer: layers.Layer, wrapper: SavedLayer): WeightWrapper {
  checkTrainable(layer);
  checkRebuildable(layer);
  const made = makeOrNothing([layer], () => rebuild(wrapper) as WeightWrapper);
  made.takeWeightsFrom(layer);
  return made;
}

/**
 * A list of layers with wrappers around some, for a model that is put together of them: those that have a wrapper
 * already stay as they are, and inputs, which belong to one model, are made anew.
 *
 * @param wrapperOf What the wrapper of a layer is made of; `undefined` leaves a layer without one.
 * @throws TfmotError `unsupported-layer` when a layer cannot be trained or rebuilt.
 */
export function wrapList(
  list: readonly layers.Layer[],
  wrapperOf: (index: number) => SavedLayer | undefined,
  isWrapper: (layer: layers.Layer) => boolean,
): layers.Layer[] {
  return list.map((layer, i) => {
    const wrapper = wrapperOf(i);
    if (wrapper !== undefined && !isWrapper(layer)) return wrapLayer(layer, wrapper);
    return layer.getClassName() === 'InputLayer' ? rebuild(savedLayer(layer)) : layer;
  });
}

/**
 * The error for a layer that a technique does not take.
 *
 * @param done What is done with others, as the message says it.
 * @param reason A clause.
 */
export function layerRefused(layer: layers.Layer, done: string, reason: string): TfmotError {
  return new TfmotError(
    'unsupported-layer',
    `Layer '${layer.name}' (${layer.getClassName()}) cannot be ${done}: ${reason}.`,
  );
}

/** Whether any of some layers is one that only training needs: a wrapper, of whichever technique. */
export function areInTraining(list: readonly layers.Layer[]): boolean {
  return list.some(layer => Object.hasOwn(WRAPPER_CLASSES, layer.getClassName()));
}

/**
 * A copy of a model in which wrappers have given way to their layers, with the weights that the technique leaves. Names
 * and configuration are those of the model that was wrapped.
 *
 * @throws TfmotError `unsupported-layer` naming a layer that cannot be rebuilt; then nothing is left of the copy.
 */
export function unwrapModel<M extends LayersModel>(
  model: M,
  isWrapper: (layer: layers.Layer) => layer is WeightWrapper,
): M {
  const replace = (layer: layers.Layer) =>
    isWrapper(layer) ? {...savedLayer(layer.layer), copy: copyStripped} : undefined;
  return cloneModel(model, {replace, change: originalNormalization});
}

function copyStripped(from: layers.Layer, to: layers.Layer): void {
  const {layer, boundWeights} = from as WeightWrapper;
  const copies = copyWeights(layer, to);
  for (const bound of boundWeights) {
    const copy = copies.get(bound.weight)!;
    tidy(() => assign(copy, bound.stripped(copy.read())));
  }
}

/**
 * Refuses layers that another technique has wrapped: a wrapper is no plain layer, and its weights are not what they
 * will be.
 *
 * @param ownClass The class of the wrappers that are fine.
 * @param what Who needs what, as the message begins.
 * @throws TfmotError `unsupported-model` saying what to strip.
 */
export function refuseOtherWrappers(list: readonly layers.Layer[], ownClass: string, what: string): void {
  for (const layer of list) {
    const className = layer.getClassName();
    const isOther = Object.hasOwn(WRAPPER_CLASSES, className) && originalClass(className) === className;
    if (!isOther || className === ownClass) continue;
    throw new TfmotError(
      'unsupported-model',
      `${what} without the wrappers of another technique, but layer '${layer.name}' is a ${className}. Strip it first: ${WRAPPER_CLASSES[className]}.`,
    );
  }
}

import {Tensor} from '@tensorflow/tfjs-core';
import {type layers, SymbolicTensor} from '@tensorflow/tfjs-layers';
import {RECORDED_OPERATIONS} from '../artifacts/operations.ts';
import {type ErrorCode, TfmotError} from '../errors.ts';
import {show} from '../show.ts';
import {isContainer, isLayer, type LayerContainer} from './walk.ts';

/**
 * Checks that `value` is a model.
 *
 * @param caller Who needs it, as the message says it.
 * @param code The code of the error.
 * @throws TfmotError `code` saying what was given instead, `duplicate-tfjs`.
 */
export function checkModel(value: unknown, caller: string, code: ErrorCode): asserts value is LayerContainer {
  if (isLayer(value) && isContainer(value)) return;
  throw new TfmotError(code, `${caller} takes a tf.LayersModel, but got ${showGiven(value)}.${hint(value)}`);
}

/**
 * Checks that `value` is a layer.
 *
 * @param caller Who needs it, as the message says it.
 * @throws TfmotError `invalid-argument` saying what was given instead, `duplicate-tfjs`.
 */
export function checkLayer(value: unknown, caller: string): asserts value is layers.Layer {
  if (isLayer(value)) return;
  throw new TfmotError('invalid-argument', `${caller} takes a layer, but got ${showGiven(value)}.${hint(value)}`);
}

/**
 * Checks that a list holds layers alone, and no models.
 *
 * @param verb What is to be done with them, as the message says it.
 * @throws TfmotError `invalid-argument` naming the entry that is something else, `duplicate-tfjs`.
 */
export function checkLayers(list: readonly unknown[], verb: string): asserts list is readonly layers.Layer[] {
  for (const [i, entry] of list.entries()) {
    if (isLayer(entry) && !isContainer(entry)) continue;
    throw new TfmotError(
      'invalid-argument',
      `A list to ${verb} must hold layers alone, but entry ${i} is ${showGiven(entry)}.${hint(entry)}`,
    );
  }
}

/** Shows a value in a message: what TensorFlow.js made by its name, plain data as the caller wrote them. */
export function showGiven(value: unknown): string {
  if (value instanceof SymbolicTensor) {
    return `the symbolic tensor '${value.name}', an output of layer '${value.sourceLayer.name}'`;
  }
  if (value instanceof Tensor) return `a tensor of shape [${value.shape}]`;
  if (value instanceof Promise) return 'a promise';
  if (isGraphModel(value)) return 'a tf.GraphModel';
  if (isArtifacts(value)) return 'the artifacts of a saved model';
  if (isLayer(value)) return `the ${isContainer(value) ? 'model' : 'layer'} '${value.name}'`;
  return show(value);
}

/**
 * What to do with a value that was given in a model's or layer's place, as a sentence behind a space; empty where that
 * is plain.
 */
export function hint(value: unknown): string {
  if (value instanceof SymbolicTensor) {
    return ' A symbolic tensor is what a layer returns while a model is put together: pass tf.model({inputs, outputs}).';
  }
  if (value instanceof Promise) return ' Await it first.';
  if (isGraphModel(value)) return ' A graph model cannot be trained: convert the Keras model to a layers model.';
  if (typeof value === 'string') return ' Load it first: await tf.loadLayersModel(...).';
  if (!isArtifacts(value)) return '';
  const recorded = recordedOperation(value.modelTopology);
  return recorded === undefined
    ? ' Load them first: await tf.loadLayersModel(tf.io.fromMemory(artifacts)).'
    : ` TensorFlow.js cannot load them, because ${recorded} is an operation that Python recorded: ` +
        'use layers in its place in Python, and convert the model again.';
}

function isGraphModel(value: unknown): boolean {
  return typeof (value as {executeAsync?: unknown} | null | undefined)?.executeAsync === 'function';
}

function isArtifacts(value: unknown): value is {modelTopology: unknown} {
  return typeof value === 'object' && value !== null && 'modelTopology' in value;
}

/** The first layer in a saved topology that stands for a recorded operation. */
function recordedOperation(topology: unknown): string | undefined {
  let found: string | undefined;
  JSON.stringify(topology, (_, value) => {
    const className: unknown = value?.class_name ?? value?.className;
    if (typeof className === 'string' && RECORDED_OPERATIONS.includes(className)) {
      found ??= `layer '${value.name ?? value.config?.name}' (${className})`;
    }
    return value;
  });
  return found;
}

import type {LayersModel, layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import {checkNoOptions} from '../../live/call.ts';
import {type LayerGraph, layerGraph} from '../../live/graph.ts';
import {originalClass} from '../../live/trainable/normalization.ts';
import {isWrapper} from '../wrapper/prune-low-magnitude.ts';
import type {PruningPolicy} from './policy.ts';

const ACTIVATIONS = ['relu', 'relu6', 'leakyRelu', 'leaky_relu', 'elu', 'sigmoid'];

/**
 * Prunes the 1x1 convolutions, and them alone, of a model that XNNPACK can run sparsely: a stride 2, 3x3 convolution of
 * 3 channels behind a zero padding of 1, then layers with sparse kernels only, and global average pooling in every
 * branch.
 *
 * Its `ensureModelSupportsPruning` throws TfmotError `unsupported-model` when the model is not of that form, and
 * `model-not-built` when it has no shapes yet.
 *
 * @example
 * pruneLowMagnitude(mobileNet, {pruningPolicy: pruneForLatencyOnXnnpack()});
 */
export function pruneForLatencyOnXnnpack(): PruningPolicy;
export function pruneForLatencyOnXnnpack(...options: unknown[]): PruningPolicy {
  checkNoOptions('pruneForLatencyOnXnnpack()', options, 'pruneLowMagnitude gives it the model.');
  return Object.freeze({allowPruning, ensureModelSupportsPruning});
}

function allowPruning(layer: layers.Layer): boolean {
  const className = layer.getClassName();
  return (className === 'Conv2D' || className === 'Conv2DTranspose') && equals(config(layer)['kernelSize'], [1, 1]);
}

function ensureModelSupportsPruning(model: LayersModel): void {
  if (model.layers.length === 0 || model.outputs.length === 0) {
    throw new TfmotError(
      'model-not-built',
      `pruneForLatencyOnXnnpack needs a built model, but '${model.name}' has no layers.`,
    );
  }
  const graph = layerGraph(model);
  const starts = search(graph.inputs, layer => isStart(layer, graph), graph.consumersOf);
  if (starts.size === 0) {
    throw unsupported(
      model,
      'every input must lead to a Conv2D 3x3 of 3 input channels with strides [2, 2] and valid padding, right behind a ZeroPadding2D of 1',
    );
  }
  const ends = search(graph.outputs, isEnd, graph.producersOf);
  if (ends.size === 0) throw unsupported(model, 'every output must come from a GlobalAveragePooling2D');
  const middle = new Set([...starts].flatMap(graph.consumersOf));
  search(
    middle,
    layer => {
      if (ends.has(layer)) return true;
      if (!isSupported(layer, graph)) {
        throw unsupported(
          model,
          `layer '${layer.name}' (${layer.getClassName()}) has no sparse kernel there with its settings`,
        );
      }
      return false;
    },
    graph.consumersOf,
  );
}

/** The layers at which a walk stops on all branches; none when a branch runs out first. */
function search(
  from: Iterable<layers.Layer>,
  stop: (layer: layers.Layer) => boolean,
  next: (layer: layers.Layer) => readonly layers.Layer[],
): Set<layers.Layer> {
  const queue = [...from];
  const seen = new Set(queue);
  const found = new Set<layers.Layer>();
  for (const layer of queue) {
    if (stop(layer)) {
      found.add(layer);
      continue;
    }
    const following = next(layer);
    if (following.length === 0) return new Set();
    for (const neighbour of following) {
      if (seen.has(neighbour)) continue;
      seen.add(neighbour);
      queue.push(neighbour);
    }
  }
  return found;
}

function isStart(layer: layers.Layer, graph: LayerGraph): boolean {
  if (layer.getClassName() !== 'Conv2D') return false;
  const {strides, padding} = config(layer);
  const kernel = layer.weights.find(weight => weight.shape.length === 4)?.shape;
  return (
    equals(kernel?.slice(0, 3), [3, 3, 3]) &&
    equals(strides, [2, 2]) &&
    padding === 'valid' &&
    followsPadding(layer, 1, graph)
  );
}

function isEnd(layer: layers.Layer): boolean {
  return layer.getClassName() === 'GlobalAveragePooling2D';
}

function isSupported(wrapped: layers.Layer, graph: LayerGraph): boolean {
  const layer = isWrapper(wrapped) ? wrapped.layer : wrapped;
  const settings = config(layer);
  switch (originalClass(layer.getClassName())) {
    case 'Add':
    case 'Multiply':
    case 'ZeroPadding2D':
    case 'ReLU':
    case 'LeakyReLU':
    case 'ELU':
    case 'Dropout':
      return true;
    case 'DepthwiseConv2D':
      return isSupportedDepthwise(wrapped, settings, graph);
    case 'Conv2D':
    case 'Conv2DTranspose':
      return (
        (settings['groups'] ?? 1) === 1 &&
        // Transposed convolutions save no dilation, since they have none.
        equals(settings['dilationRate'] ?? [1, 1], [1, 1]) &&
        equals(settings['kernelSize'], [1, 1]) &&
        equals(settings['strides'], [1, 1])
      );
    case 'GlobalAveragePooling2D':
      return settings['keepdims'] === true || settings['keepDims'] === true;
    case 'BatchNormalization':
      // -1 stands for the last of four axes.
      return equals([settings['axis']].flat(), [3]) || equals([settings['axis']].flat(), [-1]);
    case 'UpSampling2D':
      return settings['interpolation'] === 'bilinear';
    case 'Activation':
      return ACTIVATIONS.includes(settings['activation'] as string);
    default:
      return false;
  }
}

function isSupportedDepthwise(layer: layers.Layer, settings: Record<string, unknown>, graph: LayerGraph): boolean {
  const {kernelSize, strides, padding, dilationRate, depthMultiplier} = settings;
  if (depthMultiplier !== 1 || !equals(dilationRate, [1, 1])) return false;
  const reach = equals(kernelSize, [3, 3]) ? 1 : equals(kernelSize, [5, 5]) ? 2 : 0;
  if (reach === 0) return false;
  if (padding === 'same') return equals(strides, [1, 1]);
  return (
    padding === 'valid' && (equals(strides, [1, 1]) || equals(strides, [2, 2])) && followsPadding(layer, reach, graph)
  );
}

/** Whether the only producer of `layer` is a zero padding of `size` on all sides. */
function followsPadding(layer: layers.Layer, size: number, graph: LayerGraph): boolean {
  const [producer, ...others] = graph.producersOf(layer);
  if (producer === undefined || others.length > 0 || producer.getClassName() !== 'ZeroPadding2D') return false;
  return equals((config(producer)['padding'] as unknown[]).flat(), [size, size, size, size]);
}

function config(layer: layers.Layer): Record<string, unknown> {
  return layer.getConfig();
}

function equals(actual: unknown, expected: readonly number[]): boolean {
  return (
    Array.isArray(actual) && actual.length === expected.length && expected.every((value, i) => actual[i] === value)
  );
}

function unsupported(model: LayersModel, rule: string): TfmotError {
  return new TfmotError(
    'unsupported-model',
    `pruneForLatencyOnXnnpack cannot prune model '${model.name}': ${rule}. Use another policy, or none.`,
  );
}

import type {layers} from '@tensorflow/tfjs-layers';
import {insideContainer} from './tfjs-private.ts';
import {isContainer, type LayerContainer} from './walk.ts';

/**
 * Which layer of one model feeds which, in order; nested models are layers of it, and uses of its layers in other
 * models do not count.
 */
export function* connections(model: LayerContainer): Generator<readonly [from: layers.Layer, to: layers.Layer]> {
  if (isSequential(model)) {
    for (let i = 1; i < model.layers.length; i++) yield [model.layers[i - 1]!, model.layers[i]!];
    return;
  }
  const {containerNodes} = insideContainer(model);
  for (const layer of model.layers) {
    for (const [i, node] of layer.inboundNodes.entries()) {
      if (!containerNodes.has(`${layer.name}_ib-${i}`)) continue;
      for (const from of node.inboundLayers) yield [from, layer];
    }
  }
}

/** The layers of a model where data enters it. */
export function inputLayersOf(model: LayerContainer): readonly layers.Layer[] {
  // A Sequential knows its input and output layers only once it is compiled.
  return isSequential(model) ? [model.layers[0]!] : insideContainer(model).inputLayers;
}

/** The layers of a model where data leaves it. */
export function outputLayersOf(model: LayerContainer): readonly layers.Layer[] {
  return isSequential(model) ? [model.layers.at(-1)!] : insideContainer(model).outputLayers;
}

/** Whether a layer is a chain of layers. */
export function isSequential(layer: layers.Layer): boolean {
  return isContainer(layer) && layer.getClassName() === 'Sequential';
}

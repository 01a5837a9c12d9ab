import {LINEAR} from '../../../graph/ops/activation.ts';
import {count} from '../config.ts';
import {activated} from './activation.ts';
import {biasOf} from './convolution.ts';
import type {LayerImporter} from './layer.ts';
import {soleInput, weightOf} from './layer.ts';

const dense: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const {layer, builder} = call;
  const units = count(layer, 'units');
  const kernel = weightOf(call, 'kernel', [shape.at(-1) ?? 1, units]);
  const attributes = {type: 'dense', kernel, bias: biasOf(call, units), activation: LINEAR} as const;
  return [activated(call, builder.emit(layer.name, attributes, [id])[0]!)];
};

const embedding: LayerImporter = call => {
  const {id} = soleInput(call);
  const {layer, builder} = call;
  const table = weightOf(call, 'embeddings', [count(layer, 'inputDim'), count(layer, 'outputDim')]);
  return builder.emit(layer.name, {type: 'embedding', table}, [id]);
};

/** Dense layers and tables. */
export const DENSE_LAYERS: Readonly<Record<string, LayerImporter>> = {Dense: dense, Embedding: embedding};

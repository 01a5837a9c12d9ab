import type {layers} from '@tensorflow/tfjs-layers';
import {insideLayer} from './tfjs-private.ts';
import {isContainer} from './walk.ts';

/** The layers inside a layer that hold its weights, with the name each gives them; `undefined` where there are none. */
export function partsOf(layer: layers.Layer): readonly (readonly [name: string, layers.Layer])[] | undefined {
  const inside = insideLayer(layer);
  switch (layer.getClassName()) {
    case 'RNN':
      return [['', inside.cell!]];
    case 'StackedRNNCells':
      return inside.cells!.map((cell, i) => [`cell_${i}`, cell]);
    case 'TimeDistributed':
      return [['', inside.layer!]];
    case 'Bidirectional':
      return [
        ['forward', inside.forwardLayer!],
        ['backward', inside.backwardLayer!],
      ];
    default:
      return isContainer(layer) ? layer.layers.map(inner => [inner.name, inner]) : undefined;
  }
}

/** Whether inputs beyond the first are initial states of the layer. */
export function isRecurrent(layer: layers.Layer): boolean {
  return layer.getClassName() === 'Bidirectional' || ('cell' in layer && 'returnSequences' in layer);
}

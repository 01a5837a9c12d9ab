import type {layers} from '@tensorflow/tfjs-layers';
import {isContainer} from './walk.ts';

type MaybeRecurrent = layers.Layer & {
  readonly cell?: layers.Layer;
  readonly cells?: readonly layers.Layer[];
  readonly layer?: layers.Layer;
  readonly forwardLayer?: layers.Layer;
  readonly backwardLayer?: layers.Layer;
};

/** The layers inside a layer that hold its weights, with the name each gives them; `undefined` where there are none. */
export function partsOf(layer: MaybeRecurrent): readonly (readonly [name: string, layers.Layer])[] | undefined {
  switch (layer.getClassName()) {
    case 'RNN':
      return [['', layer.cell!]];
    case 'StackedRNNCells':
      return layer.cells!.map((cell, i) => [`cell_${i}`, cell]);
    case 'TimeDistributed':
      return [['', layer.layer!]];
    case 'Bidirectional':
      return [
        ['forward', layer.forwardLayer!],
        ['backward', layer.backwardLayer!],
      ];
    default:
      return isContainer(layer) ? layer.layers.map(inner => [inner.name, inner]) : undefined;
  }
}

/** Whether inputs beyond the first are initial states of the layer. */
export function isRecurrent(layer: layers.Layer): boolean {
  return layer.getClassName() === 'Bidirectional' || ('cell' in layer && 'returnSequences' in layer);
}

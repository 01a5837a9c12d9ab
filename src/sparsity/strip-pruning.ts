import {greater, tidy, where, zerosLike} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import {checkModel} from '../live/given.ts';
import {cloneModel, type Replacement} from '../live/rebuild/clone.ts';
import {savedLayer} from '../live/rebuild/saved-layer.ts';
import {originalNormalization} from '../live/trainable/normalization.ts';
import {assign, copyWeights} from '../live/weights.ts';
import {checkNoOptions} from './call.ts';
import {prunableWeights} from './wrapper/prunable-layer.ts';
import {isWrapper, type PruneLowMagnitude} from './wrapper/prune-low-magnitude.ts';

/**
 * The plain model inside a pruned one: every wrapper gives way to its layer, with the pruned weights at +0. Names and
 * configuration are those of the model that was pruned. The pruned model is not changed; the new one is not compiled.
 *
 * @throws TfmotError `unsupported-model` when `model` is not a `tf.LayersModel`; `unsupported-layer` naming a layer that
 * cannot be rebuilt; `invalid-argument`, `duplicate-tfjs`.
 */
export function stripPruning<M extends LayersModel>(model: M): M;
export function stripPruning<M extends LayersModel>(model: M, ...options: unknown[]): M {
  checkModel(model, 'stripPruning', 'unsupported-model');
  checkNoOptions('stripPruning', options, 'Give it the model alone.');
  return cloneModel(model, {
    replace: layer => (isWrapper(layer) ? unwrapped(layer) : undefined),
    change: originalNormalization,
  });
}

function unwrapped({layer}: PruneLowMagnitude): Replacement {
  return {
    ...savedLayer(layer),
    copy: (from, to) => {
      const wrapper = from as PruneLowMagnitude;
      copyWeights(wrapper.layer, to);
      // By name, because weights that were frozen one by one since the wrapper was built stand in another order now.
      const masks = new Map(wrapper.prunedWeights.map(({name, mask}) => [name, mask.read()]));
      for (const {name, variable} of prunableWeights(to)) {
        const mask = masks.get(name)!;
        tidy(() => {
          const weight = variable.read();
          // where, not a product: a negative weight times 0 is -0, an infinite one NaN.
          assign(variable, where(greater(mask, 0), weight, zerosLike(weight)));
        });
      }
    },
  };
}

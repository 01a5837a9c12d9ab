import type {LayersModel} from '@tensorflow/tfjs-layers';
import {checkNoOptions} from '../live/call.ts';
import {checkModel} from '../live/given.ts';
import {unwrapModel} from '../live/wrap.ts';
import {isWrapper} from './wrapper/prune-low-magnitude.ts';

/**
 * The plain model inside a pruned one: every wrapper gives way to its layer, with the pruned weights at +0. Names and
 * configuration are those of the model that was pruned. The pruned model is not changed; the new one is not compiled.
 *
 * @throws TfmotError `unsupported-model` when `model` is not a `tf.LayersModel`; `unsupported-layer` naming a layer
 * that cannot be rebuilt; `invalid-argument`, `duplicate-tfjs`.
 */
export function stripPruning<M extends LayersModel>(model: M): M;
export function stripPruning<M extends LayersModel>(model: M, ...options: unknown[]): M {
  checkModel(model, 'stripPruning', 'unsupported-model');
  checkNoOptions('stripPruning', options, 'Give it the model alone.');
  return unwrapModel(model, isWrapper);
}

import type {LayersModel} from '@tensorflow/tfjs-layers';
import {checkNoOptions} from '../live/call.ts';
import {checkModel} from '../live/given.ts';
import {leafLayers} from '../live/walk.ts';
import {refuseOtherWrappers, unwrapModel} from '../live/wrap.ts';
import {isWrapper} from './wrapper/cluster-weights-layer.ts';
import {WRAPPER_CLASS} from './wrapper/wrapper-config.ts';

/**
 * The plain model inside a clustered one: every wrapper gives way to its layer, each weight with the centroids in place
 * of its values. It predicts what the clustered model predicts. Names and configuration are those of the model that was
 * clustered. The clustered model is not changed; the new one is not compiled.
 *
 * @throws TfmotError `unsupported-model` when `model` is not a `tf.LayersModel`, or is in training by another
 * technique; `unsupported-layer` naming a layer that cannot be rebuilt; `invalid-argument`, `duplicate-tfjs`.
 */
export function stripClustering<M extends LayersModel>(model: M): M;
export function stripClustering<M extends LayersModel>(model: M, ...options: unknown[]): M {
  checkModel(model, 'stripClustering', 'unsupported-model');
  checkNoOptions('stripClustering', options, 'Give it the model alone.');
  refuseOtherWrappers(leafLayers(model), WRAPPER_CLASS, `stripClustering needs '${model.name}'`);
  return unwrapModel(model, isWrapper);
}

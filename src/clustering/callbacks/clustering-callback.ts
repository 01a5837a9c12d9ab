import {Callback, type LayersModel} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import {checkModel} from '../../live/given.ts';
import {allowPlainCallbacksBeside} from '../../live/mixed-callbacks.ts';
import {resumeOptimizer} from '../../live/resume-optimizer.ts';
import {leafLayers} from '../../live/walk.ts';
import {isWrapper} from '../wrapper/cluster-weights-layer.ts';
import type {ClusteredWeight} from '../wrapper/clustered-weight.ts';

/**
 * A callback for clustered models. It gives a loaded Adam the state it was saved with, which TensorFlow.js rounds: a
 * training that was saved then goes on bit for bit.
 */
export abstract class ClusteringCallback extends Callback {
  /** What makes such a callback, as messages say it. */
  protected abstract readonly maker: string;

  constructor() {
    super();
    allowPlainCallbacksBeside(this);
  }

  override setModel(model: LayersModel): void {
    checkModel(model, 'setModel', 'invalid-argument');
    this.model = model;
  }

  /** @throws TfmotError `no-clustered-layers`. */
  override async onTrainBegin(): Promise<void> {
    this.clusteredWeights();
    await resumeOptimizer(this.model.optimizer);
  }

  /** @throws TfmotError `no-clustered-layers`. */
  protected clusteredWeights(): ClusteredWeight[] {
    const found = this.model
      ? leafLayers(this.model)
          .filter(isWrapper)
          .flatMap(wrapper => wrapper.clusteredWeights)
      : [];
    if (found.length > 0) return found;
    throw new TfmotError(
      'no-clustered-layers',
      `${this.maker} needs a model with clustered layers, but ${this.model ? `'${this.model.name}' has none` : 'was given no model'}. ` +
        'Train the model that clusterWeights returns.',
    );
  }
}

import {dispose, type Scalar, type Tensor, tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {storedWeights, valuesOf} from '../artifacts/stored-weights.ts';
import {TfmotError} from '../errors.ts';
import {checkOptionNames} from '../option-names.ts';
import {checkModel} from './given.ts';

/** What to judge a model on. */
export interface MetricOptions {
  readonly xs: Tensor | Tensor[];
  readonly ys: Tensor | Tensor[];
  /** One of `model.metricsNames`; the first metric after the loss by default, or the loss if there is none. */
  readonly metric?: string;
  /** Examples evaluated at once. */
  readonly batchSize?: number;
}

const NAMES = ['xs', 'ys', 'metric', 'batchSize'] as const satisfies readonly (keyof MetricOptions)[];

/**
 * A judge of versions of a compiled model that differ in their weights, for `evaluateQuantization` and the like: puts
 * the weights of given artifacts into the model, evaluates it, and puts its own weights back.
 *
 * @returns A function from artifacts to the metric, or to the negative of a loss: larger is better.
 * @throws TfmotError `invalid-argument` when the model is not compiled or does not have the metric.
 */
export function metricOf(model: LayersModel, options: MetricOptions): (artifacts: ModelArtifacts) => Promise<number> {
  checkModel(model, 'metricOf', 'invalid-argument');
  checkOptionNames(options, NAMES, 'metricOf');
  if (options?.xs === undefined || options.ys === undefined) {
    throw new TfmotError('invalid-argument', 'metricOf needs examples: call metricOf(model, {xs, ys}).');
  }
  const {xs, ys, metric, batchSize = 100} = options;
  if (model.optimizer == null) {
    throw new TfmotError('invalid-argument', 'metricOf needs a compiled model: call model.compile({metrics}) first.');
  }
  const names = model.metricsNames;
  const name = metric ?? names[1] ?? 'loss';
  const index = names.indexOf(name);
  if (index < 0) {
    throw new TfmotError('invalid-argument', `The model has the metrics ${names.join(', ')}, but not '${name}'.`);
  }
  const sign = name.endsWith('loss') ? -1 : 1;
  return async artifacts => {
    const own = model.getWeights().map(weight => weight.clone());
    const weights = storedWeights(artifacts).map(weight => tensor(valuesOf(weight).slice(), [...weight.spec.shape]));
    try {
      model.setWeights(weights);
      const results = [model.evaluate(xs, ys, {batchSize})].flat() as Scalar[];
      const value = (await results[index]!.data())[0]!;
      dispose(results);
      return sign * value;
    } finally {
      model.setWeights(own);
      dispose([own, weights]);
    }
  };
}

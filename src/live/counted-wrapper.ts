import type {Tensor} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../errors.ts';
import {WeightWrapper, type WrapperArgs} from './weight-wrapper.ts';

/** A wrapper of a technique whose weights depend on how many steps have been trained: a callback counts them. */
export abstract class CountedWrapper extends WeightWrapper {
  /** Whether a callback counts this layer's steps now; a training pass without one throws. */
  isCounted: () => boolean;

  constructor(args: WrapperArgs) {
    super(args);
    this.isCounted = () => false;
  }

  /** The error for a training pass that no callback counts. */
  protected abstract uncounted(): TfmotError;

  /**
   * Int32 scalar: training steps done, -1 before the first callback.
   *
   * @throws TfmotError `model-not-built` before the layer is built.
   */
  get stepVariable(): LayerVariable {
    const step = this.binding?.step;
    if (step === undefined) {
      throw new TfmotError('model-not-built', `Layer '${this.name}' must be built before its step is asked for.`);
    }
    return step;
  }

  override call(inputs: Tensor | Tensor[], kwargs: Record<string, unknown>): Tensor | Tensor[] {
    if (kwargs?.['training'] === true && !this.isCounted()) throw this.uncounted();
    return super.call(inputs, kwargs);
  }
}

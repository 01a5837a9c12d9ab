import type {LayersModel} from '@tensorflow/tfjs-layers';

/** Something to measure: a model with weights, and an input of one size. */
export interface Work {
  readonly name: string;
  /** The input's shape with the batch first, channels last. */
  readonly inputShape: readonly number[];
  /** Builds the model, dense; its weights are the same every time. Fails when a package it needs is not installed. */
  build(): Promise<LayersModel>;
}

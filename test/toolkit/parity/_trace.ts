import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {MODELS} from './_models.ts';

/** What the Python toolkit did: one file of `test/fixtures/parity`. */
export interface Trace {
  readonly name: string;
  readonly madeBy: Readonly<Record<string, string>>;
  readonly loss: 'meanSquaredError' | 'categoricalCrossentropy';
  readonly batchSize: number;
  readonly epochs: number;
  readonly inputs: readonly Numbers[];
  readonly targets: Numbers;
  /** By `layer/weight`, before the first step. */
  readonly initial: Readonly<Record<string, Numbers>>;
  readonly runs: readonly Run[];
}

export interface Numbers {
  readonly shape: number[];
  readonly values: number[];
}

/** One optimizer's 12 steps. */
export interface Run {
  readonly name: string;
  readonly optimizer: OptimizerSpec;
  readonly schedule: ScheduleSpec;
  readonly options: PatternOptions;
  readonly steps: readonly State[];
  /** The weights after the last epoch's end, masks applied. */
  readonly final: Readonly<Record<string, readonly number[]>>;
}

export interface PatternOptions {
  readonly blockSize?: [number, number];
  readonly blockPoolingType?: 'AVG' | 'MAX';
  readonly sparsityMByN?: [number, number];
}

/** Everything by `layer/weight`, after one optimizer update. A mask is a string of 0 and 1. */
export interface State {
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly masks: Readonly<Record<string, string>>;
  readonly thresholds: Readonly<Record<string, number>>;
}

export type OptimizerSpec =
  | {readonly className: 'SGD'; readonly learningRate: number; readonly momentum: number}
  | {
      readonly className: 'Adam';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    };

export type ScheduleSpec =
  | {
      readonly className: 'ConstantSparsity';
      readonly targetSparsity: number;
      readonly beginStep: number;
      readonly endStep: number;
      readonly frequency: number;
    }
  | {
      readonly className: 'PolynomialDecay';
      readonly initialSparsity: number;
      readonly finalSparsity: number;
      readonly beginStep: number;
      readonly endStep: number;
      readonly frequency: number;
      readonly power: number;
    };

export const TRACES: readonly Trace[] = Object.keys(MODELS).map(name => readFixture(name) as Trace);

/** The parsed content of a file in `test/fixtures/parity`. */
export function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../../fixtures/parity/${name}.json`), 'utf8'));
}

/** The trace's model, holding its initial weights. */
export function modelOf(trace: Trace): tf.LayersModel {
  const model = MODELS[trace.name]!();
  for (const layer of model.layers) {
    const values = layer.weights.map(weight => {
      const {shape, values} = trace.initial[weightKey(layer.name, weight.originalName)]!;
      return tf.tensor(values, shape);
    });
    layer.setWeights(values);
    tf.dispose(values);
  }
  return model;
}

/** `hidden/kernel` for the variable `hidden/kernel`, whatever scopes stand between. */
export function weightKey(layerName: string, variableName: string): string {
  return `${layerName}/${variableName.split('/').at(-1)}`;
}

export function optimizerOf(spec: OptimizerSpec): tf.Optimizer {
  if (spec.className === 'Adam') return tf.train.adam(spec.learningRate, spec.beta1, spec.beta2, spec.epsilon);
  if (spec.momentum === 0) return tf.train.sgd(spec.learningRate);
  return tf.train.momentum(spec.learningRate, spec.momentum);
}

export function scheduleOf(spec: ScheduleSpec): sparsity.PruningSchedule {
  if (spec.className === 'ConstantSparsity') {
    const {className: _, ...settings} = spec;
    return sparsity.constantSparsity(settings);
  }
  const {className: _, ...settings} = spec;
  return sparsity.polynomialDecay(settings);
}

/** The data as tensors; the caller disposes them. */
export function dataOf(trace: Trace): {inputs: tf.Tensor[]; targets: tf.Tensor} {
  const tensor = ({shape, values}: Numbers): tf.Tensor => tf.tensor(values, shape);
  return {inputs: trace.inputs.map(tensor), targets: tensor(trace.targets)};
}

import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../../testing/leaks.ts';
import {
  dataOf,
  modelOf,
  optimizerOf,
  type Run,
  type State,
  scheduleOf,
  TRACES,
  type Trace,
  weightKey,
} from './_trace.ts';

/** How far any weight or threshold may be from the toolkit's. The largest distance found is below 3e-6. */
const TOLERANCE = 1e-5;

/**
 * Replays every trace of the Python toolkit on a backend, in `fit` and in a loop over `trainOnBatch`, and compares
 * weights, masks and thresholds after each of the 12 steps.
 *
 * What is done otherwise here, by the rows of the table in tools/parity/README.md: row 8: m:n masks follow the
 * schedule, so `m-by-n` names one that fires at step 1 alone, as the toolkit always does. row 14: steps of a shared
 * layer are counted once a batch; the toolkit's shared layer was given a schedule with doubled steps for `shared`, and
 * the trace names the plain one. row 18: masks are made before the forward pass and not inside it; nothing to be seen
 * of that here.
 */
export function replayTraces(backend: string): void {
  checkLeaks();
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  describe.each(TRACES)(`$name, on ${backend},`, trace => {
    test.each(trace.runs)('under $name', async run => {
      const model = pruned(trace, run);
      const recorder = new Recorder();
      const {inputs, targets} = dataOf(trace);
      await model.fit(inputs, targets, {
        batchSize: trace.batchSize,
        epochs: trace.epochs,
        shuffle: false,
        callbacks: [sparsity.updatePruningStep(), recorder],
      });
      expectStates(recorder.states, run.steps);
      expectClose(stateOf(model).weights, run.final, 'after the last epoch');
      tf.dispose([inputs, targets]);
      dispose(model);
    });
  });

  test(`a loop over trainOnBatch does the same on ${backend}`, async () => {
    const trace = TRACES.find(({name}) => name === 'conv2d')!;
    const run = trace.runs.find(({name}) => name === 'momentum')!;
    const model = pruned(trace, run);
    const {inputs, targets} = dataOf(trace);
    const states: State[] = [];
    const callback = sparsity.updatePruningStep();
    callback.setModel(model);
    await callback.onTrainBegin();
    for (let epoch = 0; epoch < trace.epochs; epoch++) {
      for (let start = 0; start < targets.shape[0]!; start += trace.batchSize) {
        const batch = [...inputs, targets].map(tensor => tensor.slice(start, trace.batchSize));
        await callback.onBatchBegin();
        await model.trainOnBatch(batch[0]!, batch[1]!);
        tf.dispose(batch);
        states.push(stateOf(model));
      }
      await callback.onEpochEnd(epoch);
    }
    await callback.onTrainEnd();
    expectStates(states, run.steps);
    tf.dispose([inputs, targets]);
    dispose(model);
  });
}

/** The trace's model, wrapped and compiled. */
function pruned(trace: Trace, run: Run): tf.LayersModel {
  const plain = modelOf(trace);
  const model = sparsity.pruneLowMagnitude(plain, {pruningSchedule: scheduleOf(run.schedule), ...run.options});
  disposeWeights(plain);
  model.compile({optimizer: optimizerOf(run.optimizer), loss: trace.loss});
  return model;
}

function dispose(model: tf.LayersModel): void {
  model.optimizer.dispose();
  // TensorFlow.js forgets the learning rate here.
  if (model.optimizer.getClassName() === 'Momentum') tf.SGDOptimizer.prototype.dispose.call(model.optimizer);
  disposeWeights(model);
}

/** Frees what `model.dispose()` does and the weights of shared layers, which it leaves behind. */
function disposeWeights(model: tf.LayersModel): void {
  tf.dispose(model.weights.map(weight => weight.read()));
}

/** Keeps the state after every optimizer update, as the toolkit's traces do. */
class Recorder extends tf.Callback {
  readonly states: State[] = [];

  override async onBatchEnd(): Promise<void> {
    this.states.push(stateOf(this.model));
  }
}

/** Weights, masks and thresholds of every wrapped layer, by `layer/weight`. */
function stateOf(model: tf.LayersModel): State {
  const weights: Record<string, number[]> = {};
  const masks: Record<string, string> = {};
  const thresholds: Record<string, number> = {};
  for (const layer of model.layers) {
    if (!(layer instanceof sparsity.PruneLowMagnitude)) continue;
    const inner = layer.layer;
    for (const weight of inner.weights) {
      weights[weightKey(inner.name, weight.originalName)] = [...weight.read().dataSync()];
    }
    for (const {name, mask, threshold} of layer.prunedWeights) {
      masks[`${inner.name}/${name}`] = mask.read().dataSync().join('');
      thresholds[`${inner.name}/${name}`] = threshold.read().dataSync()[0]!;
    }
  }
  return {weights, masks, thresholds};
}

function expectStates(states: readonly State[], expected: readonly State[]): void {
  expect(states).toHaveLength(expected.length);
  expected.forEach((want, i) => {
    const step = `step ${i + 1}`;
    const {weights, masks, thresholds} = states[i]!;
    expect(masks, step).toEqual(want.masks);
    expectClose(weights, want.weights, step);
    const single = (values: Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, [value]]));
    expectClose(single(thresholds), single(want.thresholds), `${step}, threshold`);
  });
}

function expectClose(
  found: Readonly<Record<string, readonly number[]>>,
  expected: Readonly<Record<string, readonly number[]>>,
  where: string,
): void {
  expect(Object.keys(found).sort(), where).toEqual(Object.keys(expected).sort());
  for (const [key, values] of Object.entries(expected)) {
    expect(found[key], `${where}: ${key}`).toHaveLength(values.length);
    const worst = values.reduce((max, value, i) => Math.max(max, Math.abs(value - found[key]![i]!)), 0);
    expect(worst, `${where}: distance of ${key}`).toBeLessThanOrEqual(TOLERANCE);
  }
}

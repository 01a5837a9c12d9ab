import * as tf from '@tensorflow/tfjs';
import {isTfmotError, sparsity} from 'tfjs-model-optimization';
import {afterEach, beforeAll, describe, expect, test} from 'vitest';
import {keepCount} from '../../../src/masks/keep-count.ts';
import {checkLeaks} from '../../../testing/leaks.ts';
import {type PatternOptions, readFixture, type ScheduleSpec, scheduleOf} from './_trace.ts';

checkLeaks();

// What the Python toolkit does, as recorded, beside what this library does instead. The rows are those of the table in
// tools/parity/README.md.

interface FirstMask extends PatternOptions {
  readonly kernel: number[][];
  readonly targetSparsity: number;
  readonly pythonMask: number[];
  readonly pythonThreshold: number;
}

interface Case<Facts> {
  readonly rows: readonly number[];
  readonly facts: Facts;
}

interface Cases {
  readonly ties: Case<FirstMask[]>;
  readonly 'sparser than its target': Case<FirstMask[]>;
  readonly 'frequency does not divide the ramp': Case<{
    schedule: ScheduleSpec;
    kernel: number[][];
    pythonSparsity: number[];
  }>;
  readonly 'a ramp of no length': Case<{schedule: ScheduleSpec; pythonSparsity: (number | null)[]}>;
  readonly 'the guard fires once': Case<{pythonErrors: (string | null)[]}>;
  readonly 'negative zeros': Case<Stripped & {pythonNegativeZeros: number}>;
  readonly 'stripped after a bare step': Case<Stripped>;
  readonly 'm:n ignores its schedule': Case<{
    schedule: ScheduleSpec;
    kernel: number[][];
    sparsityMByN: [number, number];
    pythonSparsity: number[];
    pythonConfigHasIt: boolean;
  }>;
  readonly 'blocks do not divide the shape': Case<FirstMask[]>;
  readonly refused: Case<Record<string, string | null>>;
  readonly 'a shared layer counts its uses': Case<{schedule: ScheduleSpec; pythonSparsity: Record<string, number>[]}>;
  readonly 'epsilon of Adam': Case<{
    learningRate: number;
    beta1: number;
    beta2: number;
    epsilon: number;
    gradients: number[];
    pythonSteps: number[];
  }>;
}

interface Stripped {
  readonly kernel: number[][];
  readonly targetSparsity: number;
  readonly learningRate: number;
  readonly pythonZeros: number;
}

const {cases} = readFixture('differences') as {cases: Cases};
const always = (targetSparsity: number) =>
  sparsity.constantSparsity({targetSparsity, beginStep: 1, endStep: -1, frequency: 1});

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Layers, models and optimizers made in a test; freed after it. */
const made: {weights: tf.LayersModel['weights']}[] = [];

afterEach(() => {
  tf.dispose(made.splice(0).flatMap(({weights}) => weights.map(weight => weight.read())));
});

function keep<T extends {weights: tf.LayersModel['weights']}>(model: T): T {
  made.push(model);
  return model;
}

/** A wrapped dense layer without bias that holds `kernel`. */
function kernelModel(kernel: number[][], options: sparsity.PruneOptions): tf.LayersModel {
  const shape: [number, number] = [kernel.length, kernel[0]!.length];
  const only = tf.layers.dense({units: shape[1], useBias: false, inputShape: [shape[0]], name: 'only'});
  const plain = keep(tf.sequential({layers: [only]}));
  const values = tf.tensor2d(kernel);
  only.setWeights([values]);
  values.dispose();
  return keep(sparsity.pruneLowMagnitude(plain, options));
}

/** Trains on ones towards zeros, one sample a step, and gives the sparsity of every mask after each step. */
async function train(model: tf.LayersModel, steps: number, learningRate = 0): Promise<Record<string, number>[]> {
  const optimizer = tf.train.sgd(learningRate);
  model.compile({optimizer, loss: 'meanSquaredError'});
  const ones = model.inputs.map(({shape}) => tf.ones([steps, ...(shape.slice(1) as number[])]));
  const zeros = tf.zeros([steps, ...(model.outputs[0]!.shape.slice(1) as number[])]);
  const seen: Record<string, number>[] = [];
  class Look extends tf.Callback {
    override async onBatchEnd(): Promise<void> {
      seen.push(
        Object.fromEntries(
          prunedWeights(model).map(([key, {mask}]) => {
            const values = mask.read().dataSync();
            return [key, values.filter(value => value === 0).length / values.length];
          }),
        ),
      );
    }
  }
  await model.fit(ones, zeros, {batchSize: 1, shuffle: false, callbacks: [sparsity.updatePruningStep(), new Look()]});
  tf.dispose([ones, zeros]);
  optimizer.dispose();
  return seen;
}

function prunedWeights(model: tf.LayersModel): [string, sparsity.PrunedWeight][] {
  const wrappers = model.layers.filter(layer => layer instanceof sparsity.PruneLowMagnitude);
  return wrappers.flatMap(wrapper =>
    wrapper.prunedWeights.map(pruned => [`${wrapper.layer.name}/${pruned.name}`, pruned] as [string, typeof pruned]),
  );
}

/** Our mask and threshold where the toolkit's were recorded. */
async function firstMask({kernel, targetSparsity, blockSize, blockPoolingType}: FirstMask) {
  const model = kernelModel(kernel, {
    pruningSchedule: always(targetSparsity),
    ...(blockSize && {blockSize}),
    ...(blockPoolingType && {blockPoolingType}),
  });
  await train(model, 1);
  const [, {mask, threshold}] = prunedWeights(model)[0]!;
  return {mask: [...mask.read().dataSync()], threshold: threshold.read().dataSync()[0]!};
}

const count = (mask: readonly number[]): number => mask.filter(bit => bit === 1).length;

describe('row 1: exactly k weights survive', () => {
  test.each([...cases.ties.facts, ...cases['sparser than its target'].facts])('$kernel', async fact => {
    const {mask, threshold} = await firstMask(fact);
    const k = keepCount(mask.length, fact.targetSparsity);
    expect(count(mask)).toBe(k);
    expect(threshold).toBe(fact.pythonThreshold);
    // Every weight that ties with the threshold survives there; of these the lower indices survive here.
    const survivors = fact.pythonMask.flatMap((bit, i) => (bit === 1 ? [i] : []));
    const larger = survivors.filter(i => Math.abs(fact.kernel.flat()[i]!) > threshold);
    const tied = survivors.filter(i => Math.abs(fact.kernel.flat()[i]!) === threshold);
    const expected = [...larger, ...tied.slice(0, k - larger.length)];
    expect(mask).toEqual(mask.map((_, i) => (expected.includes(i) ? 1 : 0)));
  });

  test('the toolkit misses the target', () => {
    const kept = [...cases.ties.facts, ...cases['sparser than its target'].facts].map(({pythonMask}) =>
      count(pythonMask),
    );
    expect(kept).toEqual([4, 3, 4, 4]);
  });
});

test('row 2: the end of a ramp is an update step', async () => {
  const {schedule, kernel, pythonSparsity} = cases['frequency does not divide the ramp'].facts;
  const model = kernelModel(kernel, {pruningSchedule: scheduleOf(schedule)});
  const seen = (await train(model, 12)).map(step => step['only/kernel']!);
  const expected = pythonSparsity.map((value, i) => (i + 1 >= schedule.endStep ? 0.8 : value));
  seen.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 6);
  });
  expect(pythonSparsity.at(-1)).toBe(0.75);
});

test('row 3: a ramp of no length is at its final sparsity', () => {
  const {schedule, pythonSparsity} = cases['a ramp of no length'].facts;
  const ours = [1, 2, 3].map(step => scheduleOf(schedule).sparsityAt(step));
  expect(pythonSparsity[1]).toBeNull();
  expect(ours[0]).toBeCloseTo(pythonSparsity[0]!, 6);
  expect(ours[1]).toBeCloseTo(0.8, 6);
  expect(ours[2]).toBeCloseTo(pythonSparsity[2]!, 6);
});

test('row 5: every training pass without the callback throws', () => {
  const model = kernelModel(
    [
      [1, 2],
      [3, 4],
    ],
    {pruningSchedule: always(0.5)},
  );
  const batch = tf.ones([1, 2]);
  const errors = [1, 2].map(() => {
    try {
      model.apply(batch, {training: true});
      return null;
    } catch (error) {
      return isTfmotError(error) && error.code;
    }
  });
  batch.dispose();
  expect(errors).toEqual(['missing-callback', 'missing-callback']);
  expect(cases['the guard fires once'].facts.pythonErrors).toEqual(['InvalidArgumentError', null]);
});

describe('row 6: stripping applies the masks and leaves +0', () => {
  const zerosOf = async (model: tf.LayersModel): Promise<number[]> => {
    const values = await keep(sparsity.stripPruning(model)).weights[0]!.read().data();
    return [...values].filter(value => value === 0);
  };

  test('after an epoch', async () => {
    const {kernel, targetSparsity, learningRate, ...python} = cases['negative zeros'].facts;
    const model = kernelModel(kernel, {pruningSchedule: always(targetSparsity)});
    await train(model, 1, learningRate);
    expect(await zerosOf(model)).toEqual(Array(python.pythonZeros).fill(0));
    expect(python.pythonNegativeZeros).toBe(python.pythonZeros);
  });

  test('after a bare step', async () => {
    const {kernel, targetSparsity, learningRate, pythonZeros} = cases['stripped after a bare step'].facts;
    const model = kernelModel(kernel, {pruningSchedule: always(targetSparsity)});
    const optimizer = tf.train.sgd(learningRate);
    model.compile({optimizer, loss: 'meanSquaredError'});
    const callback = sparsity.updatePruningStep();
    callback.setModel(model);
    await callback.onTrainBegin();
    await callback.onBatchBegin();
    const [xs, ys] = [tf.ones([1, 3]), tf.zeros([1, 2])];
    await model.trainOnBatch(xs, ys);
    expect(await zerosOf(model)).toEqual([0, 0, 0]);
    expect(pythonZeros).toBe(0);
    tf.dispose([xs, ys]);
    optimizer.dispose();
  });
});

test('row 8: m:n follows its schedule and is saved', async () => {
  const {schedule, kernel, sparsityMByN, pythonSparsity, pythonConfigHasIt} = cases['m:n ignores its schedule'].facts;
  const model = kernelModel(kernel, {pruningSchedule: scheduleOf(schedule), sparsityMByN});
  const seen = (await train(model, 4)).map(step => step['only/kernel']);
  expect(seen).toEqual([0, 0, 0.5, 0.5]);
  expect(pythonSparsity).toEqual([0.5, 0.5, 0.5, 0.5]);
  expect(model.layers[0]!.getConfig()['sparsityMByN']).toEqual(sparsityMByN);
  expect(pythonConfigHasIt).toBe(false);
});

test('row 9: blocks and their pooling windows are aligned', async () => {
  const fact = cases['blocks do not divide the shape'].facts[0]!;
  const {mask, threshold} = await firstMask(fact);
  // The averages of rows 0 to 3 are 3 and those of the last row 2; the toolkit pools rows 0 to 2 and 3 to 4.
  expect(mask).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
  expect(threshold).toBe(3);
  expect(fact.pythonMask).toEqual(mask.map(bit => 1 - bit));
  expect(fact.pythonThreshold).toBe(5.5);
});

describe('rows 10 to 12: what the toolkit refuses', () => {
  const MODELS: Readonly<Record<string, () => tf.layers.Layer[]>> = {
    Bidirectional: () => [
      tf.layers.bidirectional({
        layer: tf.layers.lstm({units: 2, recurrentInitializer: 'glorotNormal'}) as tf.RNN,
        mergeMode: 'concat',
        inputShape: [3, 2],
      }),
    ],
    TimeDistributed: () => [tf.layers.timeDistributed({layer: tf.layers.dense({units: 2}), inputShape: [3, 2]})],
    ConvLSTM2D: () => [
      tf.layers.convLstm2d({
        filters: 2,
        kernelSize: 2,
        recurrentInitializer: 'glorotNormal',
        inputShape: [3, 4, 4, 1],
      } as Parameters<typeof tf.layers.convLstm2d>[0]),
    ],
    'blocks on a conv kernel': () => [tf.layers.conv2d({filters: 4, kernelSize: 1, inputShape: [2, 2, 4]})],
  };

  test.each(Object.entries(cases.refused.facts))('%s', async (name, pythonError) => {
    expect(pythonError).toBe('ValueError');
    const plain = keep(tf.sequential({layers: MODELS[name]!()}));
    const blockSize: [number, number] = name.startsWith('blocks') ? [2, 2] : [1, 1];
    const model = keep(sparsity.pruneLowMagnitude(plain, {pruningSchedule: always(0.5), blockSize}));
    const seen = await train(model, 1);
    expect(Object.values(seen[0]!).length).toBeGreaterThan(0);
    expect(new Set(Object.values(seen[0]!))).toEqual(new Set([0.5]));
  });
});

test('row 14: a shared layer counts batches', async () => {
  const {schedule, pythonSparsity} = cases['a shared layer counts its uses'].facts;
  const shared = tf.layers.dense({units: 4, useBias: false, name: 'shared'});
  const [left, right] = [tf.input({shape: [4]}), tf.input({shape: [4]})];
  const both = tf.layers.concatenate().apply([shared.apply(left), shared.apply(right)] as tf.SymbolicTensor[]);
  const outputs = tf.layers.dense({units: 4, useBias: false, name: 'out'}).apply(both) as tf.SymbolicTensor;
  const plain = keep(tf.model({inputs: [left, right], outputs}));
  const model = keep(sparsity.pruneLowMagnitude(plain, {pruningSchedule: scheduleOf(schedule)}));
  const seen = await train(model, 4);
  expect(seen.map(step => step['out/kernel'])).toEqual(pythonSparsity.map(step => step['out/kernel']));
  expect(seen.map(step => step['shared/kernel'])).toEqual([0, 0, 0.5, 0.5]);
  // The second use of batch 2 is the third use, and the schedule begins at step 3.
  expect(pythonSparsity.map(step => step['shared/kernel'])).toEqual([0, 0.5, 0.5, 0.5]);
});

test("Adam's epsilon, which Keras and TensorFlow.js add in different places", () => {
  const {learningRate, beta1, beta2, epsilon, gradients, pythonSteps} = cases['epsilon of Adam'].facts;
  const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon);
  const variable = tf.tidy(() => tf.variable(tf.zeros([gradients.length]), true, 'adam-epsilon'));
  const gradient = tf.tensor1d(gradients);
  optimizer.applyGradients([{name: 'adam-epsilon', tensor: gradient}]);
  const ours = variable.dataSync();
  gradients.forEach((g, i) => {
    // Keras: -rate m / (sqrt(v) + eps) sqrt(1 - beta2) / (1 - beta1), TensorFlow.js: -rate m^ / (sqrt(v^) + eps).
    const python = (-learningRate * g) / (g + epsilon / Math.sqrt(1 - beta2));
    expect(pythonSteps[i]! / python).toBeCloseTo(1, 4);
    expect(ours[i]! / ((-learningRate * g) / (g + epsilon))).toBeCloseTo(1, 4);
  });
  optimizer.dispose();
  variable.dispose();
  gradient.dispose();
});

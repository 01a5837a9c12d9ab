import {resolve} from 'node:path';
import type * as TensorFlow from '@tensorflow/tfjs';
import type {Browser, Page} from 'playwright-core';
import {build} from 'tsdown';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type * as Tfmot from '../../src/browser.ts';
import configurations from '../../tsdown.config.ts';
import {chromiumInstalled, unmet} from '../_needs.ts';
import {openChromium} from './_chromium.ts';
import {type Site, serve} from './_server.ts';

declare const tf: typeof TensorFlow & {wasm: {setWasmPaths(folder: string): void}};
declare const tfmot: typeof Tfmot;

const root = resolve(import.meta.dirname, '../..');
const built = resolve(root, '.cache/browser');
const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<script src="/tfjs/tf.min.js"></script>
<script src="/wasm/tf-backend-wasm.min.js"></script>
<script src="/built/tfmot.iife.js"></script>`;

const needs = unmet(chromiumInstalled);
describe.skipIf(needs)(`the script build in a browser${needs}`, () => {
  let browser: Browser;
  let site: Site;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    const script = [configurations].flat().find(({format}) => format === 'iife');
    await build({...script, config: false, logLevel: 'error', outDir: built});
    site = await serve(PAGE, {
      built,
      tfjs: resolve(root, 'node_modules/@tensorflow/tfjs/dist'),
      wasm: resolve(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist'),
    });
    const graphics = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];
    ({browser, page} = await openChromium(...graphics));
    page.on('pageerror', error => errors.push(error.message));
    await page.goto(site.url);
  });

  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  test.each(['webgl', 'wasm'])('on %s a convolutional network is pruned, saved and reloaded', async backend => {
    const result = await page.evaluate(pruneSaveReload, backend);
    expect(result.backend).toBe(backend);
    expect(result.zeros).toEqual([
      {name: 'kernel', size: 90, zeros: 72},
      {name: 'kernel', size: 2500, zeros: 2000},
    ]);
    expect(result.lossFell).toBe(true);
    expect(result.reloadedStep).toBe(12);
    expect(result.reloadedZeros).toEqual(result.zeros);
    expect(result.worstDifference).toBeLessThanOrEqual(1e-6);
    expect(result.tensorsLeft).toBe(0);
    expect(errors).toEqual([]);
  });

  test('a step of clustering is the same on webgl and on wasm', async () => {
    const [webgl, wasm] = [await page.evaluate(clusterOneStep, 'webgl'), await page.evaluate(clusterOneStep, 'wasm')];
    expect([webgl.backend, wasm.backend]).toEqual(['webgl', 'wasm']);
    expect(webgl.distinct).toEqual([4, 6]);
    expect(webgl.indices).toEqual(wasm.indices);
    for (const [name, values] of Object.entries(wasm.weights)) {
      const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - webgl.weights[name]![i]!)), 0);
      expect(worst, name).toBeLessThanOrEqual(1e-5);
    }
    expect([webgl.tensorsLeft, wasm.tensorsLeft]).toEqual([0, 0]);
    expect(errors).toEqual([]);
  });
});

/** Runs in the page: one step of training with clusters, each channel's own and means of gradients among them. */
async function clusterOneStep(backend: string) {
  if (backend === 'wasm') {
    tf.wasm.setWasmPaths('/wasm/');
    tfmot.wasmTraining.registerTrainingKernels();
  }
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const {conv2d, dense, flatten} = tf.layers;
  const kernelInitializer = () => tf.initializers.glorotUniform({seed: 4});
  const model = tf.sequential({
    layers: [
      conv2d({inputShape: [6, 6, 2], filters: 3, kernelSize: 3, kernelInitializer: kernelInitializer(), name: 'conv'}),
      flatten(),
      dense({units: 5, kernelInitializer: kernelInitializer(), name: 'dense'}),
    ],
  });
  const clustered = tfmot.clustering.clusterWeights(model, layer =>
    layer.name === 'conv'
      ? {numberOfClusters: 4, clusterPerChannel: true, clusterGradientAggregation: 'AVG' as const}
      : {numberOfClusters: 6, preserveSparsity: true},
  ) as TensorFlow.LayersModel;
  clustered.compile({optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError'});
  const xs = tf.tensor(
    Array.from({length: 4 * 72}, (_, i) => Math.sin(i)),
    [4, 6, 6, 2],
  );
  const ys = tf.tensor(
    Array.from({length: 20}, (_, i) => Math.cos(i)),
    [4, 5],
  );
  await clustered.trainOnBatch(xs, ys);
  const {weights: summary} = await tfmot.clustering.summarize(clustered);
  const weights: Record<string, number[]> = {};
  const indices: number[][] = [];
  for (const weight of clustered.weights) {
    const values = Array.from(await weight.read().data());
    // Layers are named anew in the second run.
    if (weight.originalName.includes('pulling_indices')) indices.push(values);
    else weights[weight.originalName.replace(/_\d+/, '')] = values;
  }
  for (const each of [model, clustered]) each.dispose();
  clustered.optimizer.dispose();
  tf.dispose([xs, ys]);
  return {
    backend: tf.getBackend(),
    distinct: summary.map(({distinct}) => distinct),
    indices,
    weights,
    tensorsLeft: tf.memory().numTensors - before,
  };
}

/** Runs in the page: trains with pruning, strips, saves to IndexedDB, loads again. */
async function pruneSaveReload(backend: string) {
  if (backend === 'wasm') {
    tf.wasm.setWasmPaths('/wasm/');
    tfmot.wasmTraining.registerTrainingKernels();
  }
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const {conv2d, dense, flatten, maxPooling2d} = tf.layers;
  const kernelInitializer = () => tf.initializers.glorotUniform({seed: 4});
  const model = tf.sequential({
    layers: [
      conv2d({
        inputShape: [12, 12, 1],
        filters: 10,
        kernelSize: 3,
        activation: 'relu',
        kernelInitializer: kernelInitializer(),
      }),
      maxPooling2d({poolSize: 2}),
      flatten(),
      dense({units: 10, activation: 'softmax', kernelInitializer: kernelInitializer()}),
    ],
  });
  const modelForPruning = tfmot.sparsity.pruneLowMagnitude(model, {
    pruningSchedule: tfmot.sparsity.polynomialDecay({
      initialSparsity: 0,
      finalSparsity: 0.8,
      beginStep: 0,
      endStep: 8,
      frequency: 2,
    }),
  }) as TensorFlow.LayersModel;
  modelForPruning.compile({optimizer: 'adam', loss: 'categoricalCrossentropy'});
  const xs = tf.randomUniform([64, 12, 12, 1], 0, 1, 'float32', 5);
  const ys = tf.tidy(() =>
    tf.cast(
      tf.oneHot(
        tf.tensor1d(
          Array.from({length: 64}, (_, i) => i % 10),
          'int32',
        ),
        10,
      ),
      'float32',
    ),
  );
  const history = await modelForPruning.fit(xs, ys, {
    batchSize: 16,
    epochs: 3,
    callbacks: [tfmot.sparsity.updatePruningStep()],
  });
  const losses = history.history['loss'] as number[];

  const sparse = tfmot.sparsity.stripPruning(modelForPruning) as TensorFlow.LayersModel;
  await sparse.save(`indexeddb://sparse-${backend}`);
  await modelForPruning.save(`indexeddb://wrapped-${backend}`);
  const reloaded = await tf.loadLayersModel(`indexeddb://sparse-${backend}`);
  const reloadedWrapped = await tf.loadLayersModel(`indexeddb://wrapped-${backend}`);

  const outputs = [sparse, reloaded, reloadedWrapped].map(each => each.predict(xs) as TensorFlow.Tensor);
  const [ours, again, wrapped] = (await Promise.all(outputs.map(output => output.data()))) as Float32Array[];
  const worstDifference = ours!.reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - again![i]!), Math.abs(value - wrapped![i]!)),
    0,
  );
  const [zeros, reloadedZeros] = await Promise.all([zerosOf(sparse), zerosOf(reloaded)]);
  const layer = reloadedWrapped.layers[0] as unknown as {pruningStep: {read(): TensorFlow.Tensor}};
  const reloadedStep = (await layer.pruningStep.read().data())[0]!;

  for (const each of [modelForPruning, model, sparse, reloaded, reloadedWrapped]) each.dispose();
  tf.dispose([xs, ys, outputs]);
  return {
    backend: tf.getBackend(),
    zeros,
    reloadedZeros,
    reloadedStep,
    worstDifference,
    lossFell: losses.at(-1)! < losses[0]!,
    tensorsLeft: tf.memory().numTensors - before,
  };

  /** Zeros in every kernel of a model. */
  async function zerosOf(each: TensorFlow.LayersModel) {
    const kernels = each.weights.filter(({originalName}) => originalName.endsWith('kernel'));
    return Promise.all(
      kernels.map(async weight => {
        const values = await weight.read().data();
        return {name: 'kernel', size: values.length, zeros: values.filter(value => value === 0).length};
      }),
    );
  }
}

import {readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import * as tfmot from 'tfjs-model-optimization';
import {beforeAll, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {disposeModel} from '../sparsity/_training.ts';

checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const guide = readFileSync(new URL('../../docs/guide/clustering.md', import.meta.url), 'utf8');

test('the first snippet of the guide runs', async () => {
  const [, code] = /^```ts\n([\s\S]*?)^```$/m.exec(guide)!;
  const body = code!.replace(/^import .*$/gm, '');
  const names = ['model', 'clustered', 'finished', 'file'];
  const run = new Function('tf', 'tfmot', 'console', `return (async () => {${body}; return {${names}};})()`);
  const lines: string[] = [];
  // Tensors between the lines of the snippet.
  const scope = tf.engine();
  scope.startScope();
  const {model, clustered, finished, file} = await run(tf, tfmot, {log: (line: string) => lines.push(line)});
  scope.endScope();
  expect(lines).toEqual(['hidden/kernel: 8 values', 'out/kernel: 8 values']);
  expect(file).toBeInstanceOf(Uint8Array);
  for (const each of [model, clustered, finished]) disposeModel(each);
  clustered.optimizer.dispose();
});

test('the guide names every option', () => {
  const settings = {
    numberOfClusters: 4,
    clusterCentroidsInit: 'LINEAR',
    preserveSparsity: false,
    clusterPerChannel: false,
    clusterGradientAggregation: 'SUM',
    iterations: 0,
    seed: 9,
  } satisfies Required<tfmot.clustering.ClusteringParams>;
  for (const name of Object.keys(settings)) expect(guide).toContain(`| \`${name}\` |`);
});

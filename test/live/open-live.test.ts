import * as tf from '@tensorflow/tfjs';
import {openLive, setLiveWeights} from 'tfjs-model-optimization';
import {pruneOneShot} from 'tfjs-model-optimization/oneshot';
import {expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';

checkLeaks();

const net = (units: number): tf.LayersModel =>
  tf.sequential({
    layers: [
      tf.layers.dense({name: 'first', units, inputShape: [4]}),
      tf.layers.batchNormalization({name: 'norm'}),
      tf.layers.dense({name: 'last', units: 2}),
    ],
  });

test('an open copy is pruned and written back; the model changes only then', async () => {
  const model = net(8);
  const kernel = (): number[] => [...model.layers[0]!.getWeights()[0]!.dataSync()];
  const original = kernel();
  const {model: pruned} = await pruneOneShot(await openLive(model), {sparsity: 0.75});
  expect(kernel()).toEqual(original);
  setLiveWeights(model, pruned);
  expect(kernel()).toEqual([...pruned.weights[0]!.values()]);
  expect(kernel().filter(value => value !== 0)).toHaveLength(8);
  model.dispose();
});

test('a model of other weights is refused, and nothing is written', async () => {
  const [model, other] = [net(8), net(9)];
  const weights = model.getWeights().map(weight => [...weight.dataSync()]);
  const open = await openLive(other);
  expect(() => setLiveWeights(model, open)).toThrow("'first/kernel' of shape [4,8] is [4,9] in the one opened");
  expect(model.getWeights().map(weight => [...weight.dataSync()])).toEqual(weights);
  for (const each of [model, other]) each.dispose();
});

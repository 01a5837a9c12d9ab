import * as tf from '@tensorflow/tfjs';
import {clustering, compression} from 'tfjs-model-optimization';
import {beforeAll, describe, expect, test} from 'vitest';
import {artifactsOf} from '../../src/artifacts/artifacts.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {normalValues} from '../../testing/seeded.ts';
import {disposeModel, weightsOf} from '../sparsity/_training.ts';

checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The bytes that values need at least, coded one by one by how often each occurs. */
function entropyBytes(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / values.length);
  return bits / 8;
}

async function fileOf(model: tf.LayersModel): Promise<Uint8Array> {
  return compression.compress(await artifactsOf(model));
}

/** What the file of the same model takes when all of its weights are zero: everything but the weight. */
async function bytesAround(shape: readonly [number, number]): Promise<number> {
  const empty = modelOf(new Float32Array(shape[0] * shape[1]), shape);
  const {length} = await fileOf(empty);
  disposeModel(empty);
  return length;
}

function modelOf(values: Float32Array, [inputs, units]: readonly [number, number]): tf.Sequential {
  const model = tf.sequential({
    layers: [tf.layers.dense({units, useBias: false, inputShape: [inputs], name: 'dense'})],
    name: 'model',
  });
  tf.tidy(() => {
    model.setWeights([tf.tensor(values, [inputs, units])]);
  });
  return model;
}

describe('a .tfmz file of a clustered model holds its code book, without being told', () => {
  test.each(
    [4, 16, 32, 64, 256].flatMap(clusters =>
      Object.values(clustering.centroidInitialization).map(init => [clusters, init] as const),
    ),
  )('%i clusters, %s', async (numberOfClusters, clusterCentroidsInit) => {
    const shape = [100, 150] as const;
    const plain = modelOf(normalValues(shape[0] * shape[1], numberOfClusters), shape);
    const model = clustering.clusterWeights(plain, {numberOfClusters, clusterCentroidsInit});
    const stripped = clustering.stripClustering(model);
    const file = await fileOf(stripped);
    const values = Object.values(weightsOf(stripped))[0]!;
    const bound = entropyBytes(values) + 4 * numberOfClusters;
    expect((file.length - (await bytesAround(shape))) / bound).toBeLessThanOrEqual(1.03);
    expect((await compression.decompress(file)).weightData).toEqual((await artifactsOf(stripped)).weightData);
    for (const each of [plain, model, stripped]) disposeModel(each);
  });
});

test('a clustered model is refused until it is stripped', async () => {
  const plain = modelOf(normalValues(100, 1), [10, 10]);
  const model = clustering.clusterWeights(plain, {numberOfClusters: 4});
  await expect(fileOf(model)).rejects.toThrow(/Strip it first: clustering.stripClustering\(model\)/);
  for (const each of [plain, model]) disposeModel(each);
});

// Clusters the network of the Python toolkit's tutorial on MNIST, dense and pruned: `npm run bench:clustering`, some
// minutes.
import '@tensorflow/tfjs-backend-wasm';
import {gzipSync} from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import {clustering, compression, quantization, sparsity} from 'tfjs-model-optimization';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {loadMnist} from '../../examples/mnist/data.ts';
import {artifactsOf, type ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {storedWeights} from '../../src/artifacts/stored-weights.ts';
import {describeMachine} from '../lib/machine.ts';
import {resultFile, writeResult} from '../lib/result.ts';
import {textTable} from '../lib/table.ts';
import {accuracyOf} from '../size/accuracy.ts';
import {trainStage} from '../size/train-mnist.ts';

const CLUSTERS = 16;
const SPARSITY = 0.8;
const STEPS = {dense: 1200, pruning: 500, clustering: 250};
/** Points of accuracy that clustering may cost. */
const TOLERANCE = 0.3;

/** A model of the table. Bytes are those of the weights, but for the whole `.tfmz` file. */
interface Row {
  readonly model: string;
  readonly accuracy: number;
  readonly distinct: readonly number[];
  readonly gzip: number;
  readonly uint8Gzip: number;
  readonly tfmz: number;
}

await tf.setBackend('wasm');
registerTrainingKernels();
const {train, test} = await loadMnist();

const dense = tutorialModel();
await trained(dense, STEPS.dense, 4e-3, 1);
const rows = [await rowOf('dense', dense)];

const clustered = clustering.clusterWeights(dense, {numberOfClusters: CLUSTERS});
await trained(clustered, STEPS.clustering, 5e-4, 2);
rows.push(await rowOf(`${CLUSTERS} clusters`, clustering.stripClustering(clustered)));

const pruning = sparsity.pruneLowMagnitude(dense, {
  pruningSchedule: sparsity.polynomialDecay({
    initialSparsity: 0.3,
    finalSparsity: SPARSITY,
    beginStep: 0,
    endStep: STEPS.pruning / 2,
    frequency: 20,
  }),
});
await trained(pruning, STEPS.pruning, 3e-3, 3);
const sparse = sparsity.stripPruning(pruning);
rows.push(await rowOf(`${100 * SPARSITY} % zeros`, sparse));

const both = clustering.clusterWeights(sparse, {numberOfClusters: CLUSTERS, preserveSparsity: true});
await trained(both, STEPS.clustering, 5e-4, 4);
rows.push(await rowOf(`${100 * SPARSITY} % zeros, ${CLUSTERS} clusters`, clustering.stripClustering(both)));

const size = (bytes: number): string => bytes.toLocaleString('en-US');
console.log(
  textTable(
    ['model', 'accuracy', 'values', 'gzip -9', 'uint8, gzip -9', '.tfmz'],
    rows.map(row => [
      row.model,
      `${row.accuracy.toFixed(2)} %`,
      row.distinct.join(', '),
      size(row.gzip),
      size(row.uint8Gzip),
      size(row.tfmz),
    ]),
  ),
);
const lost = rows[0]!.accuracy - rows[1]!.accuracy;
console.log(`Clustering cost ${lost.toFixed(2)} points of accuracy, at most ${TOLERANCE} are allowed.`);
if (lost > TOLERANCE) process.exitCode = 1;
await writeResult(resultFile('clustering'), {machine: describeMachine(), steps: STEPS, rows});

/** One convolution of twelve filters and one dense layer, 20,410 parameters. */
function tutorialModel(): tf.LayersModel {
  const kernelInitializer = (seed: number) => tf.initializers.glorotUniform({seed});
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 12,
        kernelSize: 3,
        activation: 'relu',
        inputShape: [28, 28, 1],
        kernelInitializer: kernelInitializer(1),
      }),
      tf.layers.maxPooling2d({poolSize: 2}),
      tf.layers.flatten(),
      tf.layers.dense({units: 10, activation: 'softmax', kernelInitializer: kernelInitializer(2)}),
    ],
  });
}

async function trained(model: tf.LayersModel, steps: number, learningRate: number, seed: number): Promise<void> {
  await trainStage({
    model,
    data: train,
    steps,
    batchSize: 128,
    learningRate,
    shift: 0,
    seed,
    onProgress: (step, loss) => process.stderr.write(`${step}/${steps}, loss ${loss.toFixed(3)}\n`),
  });
}

async function rowOf(model: string, finished: tf.LayersModel): Promise<Row> {
  const artifacts = await artifactsOf(finished);
  const {weights} = await clustering.summarize(finished);
  const uint8 = await quantization.quantizeWeights(artifacts, {dtype: 'uint8'});
  return {
    model,
    accuracy: await accuracyOf(finished, test),
    distinct: weights.map(({distinct}) => distinct),
    gzip: gzipBytes(artifacts),
    uint8Gzip: gzipBytes(uint8),
    tfmz: (await compression.compress(artifacts)).length,
  };
}

function gzipBytes(artifacts: ModelArtifacts): number {
  return gzipSync(Buffer.concat(storedWeights(artifacts).map(({bytes}) => bytes)), {level: 9}).length;
}

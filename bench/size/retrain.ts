import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {modelFolder} from 'tfjs-model-optimization/node';
import type {loadMnist} from '../../examples/mnist/data.ts';
import {ARCHITECTURES} from '../../examples/mnist/models.ts';
import {artifactsOf, type ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {accuracyOf} from './accuracy.ts';
import type {Recipe} from './recipes.ts';
import {trainStage} from './train-mnist.ts';

/** A retrained model without its wrappers, and the accuracy in percent of the dense model it came from. */
export interface Retrained {
  readonly artifacts: ModelArtifacts;
  readonly denseAccuracy: number;
}

/** The dense model that `npm run demo` left in this folder is where recipes without dense steps begin. */
export const DEMO_FOLDER = '.cache/size/mnist-cnn-90';

/** Trains a dense model, or takes the demo's, and prunes it layer by layer while it trains on. */
export async function retrain(
  recipe: Recipe,
  {train, test}: Awaited<ReturnType<typeof loadMnist>>,
): Promise<Retrained> {
  const {batchSize, learningRate, steps, seed, title} = recipe;
  const log = (stage: string, total: number) => (step: number, loss: number) =>
    process.stderr.write(`${title}: ${stage} ${step}/${total}, loss ${loss.toFixed(3)}\n`);
  const shared = {data: train, batchSize, shift: 1, seed};
  const dense =
    steps.dense === 0
      ? await tf.loadLayersModel(modelFolder(`${DEMO_FOLDER}/dense`))
      : ARCHITECTURES[recipe.architecture]!.build(seed);
  if (steps.dense > 0) {
    await trainStage({
      ...shared,
      model: dense,
      steps: steps.dense,
      learningRate: learningRate.dense,
      onProgress: log('dense', steps.dense),
    });
  }
  const denseAccuracy = await accuracyOf(dense, test);

  const pruned = pruneByLayer(dense, recipe);
  await trainStage({
    ...shared,
    model: pruned,
    steps: steps.pruning,
    learningRate: learningRate.pruning,
    seed: seed + 1,
    onProgress: log('pruning', steps.pruning),
  });
  const sparse = sparsity.stripPruning(pruned);
  const artifacts = await artifactsOf(sparse);
  for (const model of [dense, pruned, sparse]) model.dispose();
  return {artifacts, denseAccuracy};
}

function pruneByLayer(dense: tf.LayersModel, {sparsity: targets, steps}: Recipe): tf.LayersModel {
  const withKernel = dense.layers.filter(layer => ['Dense', 'Conv2D'].includes(layer.getClassName()));
  return sparsity.pruneLowMagnitude(dense, layer => {
    const index = withKernel.findIndex(({name}) => name === layer.name);
    if (index < 0) return null;
    const finalSparsity = targets[index]!;
    return {
      pruningSchedule: sparsity.polynomialDecay({
        initialSparsity: Math.min(0.5, finalSparsity),
        finalSparsity,
        beginStep: 0,
        endStep: Math.floor(steps.pruning * 0.6),
        frequency: 50,
      }),
    };
  });
}

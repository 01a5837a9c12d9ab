import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';

/** A schedule that prunes to `targetSparsity` at every step. */
export function everyStep(targetSparsity: number): sparsity.PruningSchedule {
  return sparsity.constantSparsity({targetSparsity, beginStep: 1, frequency: 1});
}

/** A ramp from step 1 to `endStep` that is updated at every step; cubic unless `power` says otherwise. */
export function ramp(
  initialSparsity: number,
  finalSparsity: number,
  endStep: number,
  power = 3,
): sparsity.PruningSchedule {
  return sparsity.polynomialDecay({initialSparsity, finalSparsity, beginStep: 1, endStep, power, frequency: 1});
}

/** Values between -1 and 1, the same for the same seed. */
export function random(shape: number[], seed: number): tf.Tensor {
  return tf.randomUniform(shape, -1, 1, 'float32', seed);
}

/**
 * Fits a model for some steps of one batch each, an epoch a step, with plain gradient descent unless it is compiled.
 */
export async function trainSteps(
  model: tf.LayersModel,
  xs: tf.Tensor,
  ys: tf.Tensor,
  steps: number,
  callbacks: NonNullable<tf.ModelFitArgs['callbacks']> = [sparsity.updatePruningStep()],
): Promise<tf.History> {
  if (!model.optimizer) model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  return model.fit(xs, ys, {epochs: steps, batchSize: xs.shape[0]!, shuffle: false, verbose: 0, callbacks});
}

/** What a model saves, with its optimizer if it has one, read back as a load handler. */
export async function saved(model: tf.LayersModel): Promise<tf.io.IOHandler> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler(async given => {
    artifacts = given;
    return {modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'}};
  });
  await model.save(handler, {includeOptimizer: Boolean(model.optimizer)});
  const text = JSON.stringify({topology: artifacts!.modelTopology, training: artifacts!.trainingConfig});
  return {
    load: async () => {
      const {topology, training} = JSON.parse(text);
      return {
        modelTopology: topology,
        trainingConfig: training,
        weightSpecs: artifacts!.weightSpecs!,
        weightData: artifacts!.weightData!,
      };
    },
  };
}

/** The values of all weights of a model, by saved name. */
export function weightsOf(model: tf.LayersModel): Record<string, number[]> {
  return Object.fromEntries(model.weights.map(weight => [weight.originalName, Array.from(weight.read().dataSync())]));
}

/** The configuration of a model, without the names that TF.js gives stacks of cells anew whenever it builds them. */
export function configOf(model: tf.LayersModel): unknown {
  return JSON.parse(JSON.stringify(model.getConfig()).replace(/StackedRNNCells\d+"/g, 'StackedRNNCells"'));
}

/**
 * Disposes a model with all its weights; TF.js' own dispose keeps those of layers and nested models that are used
 * twice.
 */
export function disposeModel(model: tf.LayersModel): void {
  const nested = model.layers.filter(layer => 'layers' in layer);
  for (const layer of model.layers) {
    if ('layers' in layer) continue;
    for (let use = 1; use < layer.inboundNodes.length; use++) layer.dispose();
  }
  model.dispose();
  for (const layer of nested) if (layer.weights.some(isAlive)) layer.dispose();
}

function isAlive(weight: tf.LayerVariable): boolean {
  try {
    weight.read();
    return true;
  } catch {
    return false;
  }
}

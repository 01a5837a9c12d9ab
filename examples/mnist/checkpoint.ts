import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {modelFolder} from 'tfjs-model-optimization/node';
import type {RunOptions} from './options.ts';

/** The two stages of a run, in order. */
export type Stage = 'dense' | 'pruning';

/** Where a run stands: everything that the seed does not give again. */
export interface Position {
  readonly options: RunOptions;
  readonly stage: Stage;
  /** Training steps of this stage that are done. */
  readonly step: number;
}

/**
 * Saves a run that is to go on later: weights, masks, the optimizer's state and the position. The data order and
 * dropout need no saving, they follow from the seed and the step.
 *
 * @returns The folder to resume from.
 */
export async function saveCheckpoint(model: tf.LayersModel, position: Position): Promise<string> {
  const folder = join(position.options.out, 'checkpoint');
  model.setUserDefinedMetadata({position});
  await model.save(modelFolder(folder), {includeOptimizer: true});
  return folder;
}

/** The model and the position that `saveCheckpoint` saved. The model comes compiled, with its optimizer's state. */
export async function loadCheckpoint(folder: string): Promise<{model: tf.LayersModel; position: Position}> {
  const model = await tf.loadLayersModel(modelFolder(folder));
  const {position} = (model.getUserDefinedMetadata() ?? {}) as {position?: Position};
  if (position === undefined) throw new Error(`${folder} holds a model, but not a checkpoint of this example.`);
  return {model, position};
}

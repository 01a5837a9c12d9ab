import {existsSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {modelFolder} from 'tfjs-model-optimization/node';
import type {RunOptions} from './options.ts';
import {quoted} from './shell.ts';

/** The two stages of a run, in order. */
export type Stage = 'dense' | 'pruning';

/** Where a run stands: everything that the seed does not give again. */
export interface Position {
  readonly options: RunOptions;
  readonly stage: Stage;
  /** Training steps of this stage that are done. */
  readonly step: number;
}

/** Where the checkpoint of a run is. */
export const checkpointFolder = ({out}: RunOptions): string => join(out, 'checkpoint');

/** Whether a run left a checkpoint behind. */
export const hasCheckpoint = (options: RunOptions): boolean =>
  existsSync(join(checkpointFolder(options), 'model.json'));

/**
 * Saves a run that may have to go on later: weights, masks, the optimizer's state and the position. The data order and
 * dropout need no saving, they follow from the seed and the step. The model is left as it is, and a checkpoint before
 * this one is replaced in one moment: a program killed while it saves leaves one of the two.
 */
export async function saveCheckpoint(model: tf.LayersModel, position: Position): Promise<void> {
  const folder = modelFolder(checkpointFolder(position.options));
  const save = (artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> =>
    folder.save({...artifacts, userDefinedMetadata: {position}});
  await model.save({save}, {includeOptimizer: true});
}

/** The model and the position that `saveCheckpoint` saved. The model comes compiled, with its optimizer's state. */
export async function loadCheckpoint(folder: string): Promise<{model: tf.LayersModel; position: Position}> {
  const {userDefinedMetadata, ...artifacts} = await modelFolder(folder).load();
  const {position} = (userDefinedMetadata ?? {}) as {position?: Position};
  if (position === undefined) throw new Error(`${folder} holds a model, but not a checkpoint of this example.`);
  return {model: await tf.loadLayersModel({load: async () => artifacts}), position};
}

/** Removes the checkpoint of a run that has come to its end. */
export async function removeCheckpoint(options: RunOptions): Promise<void> {
  await rm(checkpointFolder(options), {recursive: true, force: true});
}

/** The command that goes on from the checkpoint of a run. */
export function resumeCommand(options: RunOptions): string {
  return `npm run demo -- --resume ${quoted(checkpointFolder(options))}`;
}

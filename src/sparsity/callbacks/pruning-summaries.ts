import {mean, sub, tidy} from '@tensorflow/tfjs-core';
import {Callback, type LayersModel, type Logs} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import {checkNoOptions} from '../../live/call.ts';
import {checkModel} from '../../live/given.ts';
import {allowPlainCallbacksBeside} from '../../live/mixed-callbacks.ts';
import {leafLayers} from '../../live/walk.ts';
import {isWrapper} from '../wrapper/prune-low-magnitude.ts';

/** The masks of a model at one moment of its training. */
export interface PruningRecord {
  /** Training steps done; -1 where no callback has counted yet. */
  readonly step: number;
  /** `<mask>/sparsity`, the fraction of zeros in a mask, and `<threshold>/threshold`, by the saved names of both. */
  readonly values: Readonly<Record<string, number>>;
}

/** Records how sparsity grows. Make it with {@link pruningSummaries}. */
export class PruningSummaries extends Callback {
  /** One record at train begin and one after each epoch, over all trainings that this callback saw. */
  readonly records: PruningRecord[];

  constructor() {
    super();
    this.records = [];
    allowPlainCallbacksBeside(this);
  }

  override setModel(model: LayersModel): void {
    checkModel(model, 'setModel', 'invalid-argument');
    this.model = model;
  }

  /** @throws TfmotError `no-pruned-layers`. */
  override async onTrainBegin(): Promise<void> {
    this.records.push(await record(this.model));
  }

  override async onEpochEnd(_epoch?: number, logs?: Logs): Promise<void> {
    const now = await record(this.model);
    this.records.push(now);
    if (logs) Object.assign(logs, now.values);
  }
}

/**
 * A callback that puts the sparsity and threshold of every mask into the logs of each epoch, and so into the history that
 * `fit` returns; its `records` also hold the state at train begin. Use it beside {@link updatePruningStep}.
 *
 * @example
 * const {history} = await modelForPruning.fit(xs, ys, {callbacks: [updatePruningStep(), pruningSummaries()]});
 * history['prune_low_magnitude_dense/mask/sparsity']; // [0.25, 0.5, ...]
 */
export function pruningSummaries(): PruningSummaries;
export function pruningSummaries(...options: unknown[]): PruningSummaries {
  checkNoOptions(
    'pruningSummaries()',
    options,
    'It writes no files: read its records, or the history that fit returns.',
  );
  return new PruningSummaries();
}

async function record(model: LayersModel | undefined): Promise<PruningRecord> {
  const wrappers = model ? leafLayers(model).filter(isWrapper) : [];
  const first = wrappers[0];
  if (first === undefined) {
    throw new TfmotError(
      'no-pruned-layers',
      `pruningSummaries() needs a model with pruned layers, but ${model ? `'${model.name}' has none` : 'was given no model'}. ` +
        'Train the model that pruneLowMagnitude returns.',
    );
  }
  const values: Record<string, number> = {};
  for (const {mask, threshold} of wrappers.flatMap(wrapper => wrapper.prunedWeights)) {
    const sparsity = tidy(() => sub(1, mean(mask.read())));
    values[`${mask.originalName}/sparsity`] = (await sparsity.data())[0]!;
    sparsity.dispose();
    values[`${threshold.originalName}/threshold`] = (await threshold.read().data())[0]!;
  }
  return {step: (await first.pruningStep.read().data())[0]!, values};
}

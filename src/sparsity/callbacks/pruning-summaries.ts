import type {Scalar} from '@tensorflow/tfjs-core';
import {Callback, type LayersModel, type Logs} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import {namedOptions} from '../../live/call.ts';
import {checkModel} from '../../live/given.ts';
import {allowPlainCallbacksBeside} from '../../live/mixed-callbacks.ts';
import {leafLayers} from '../../live/walk.ts';
import {show} from '../../show.ts';
import {isWrapper, type PruneLowMagnitude} from '../wrapper/prune-low-magnitude.ts';
import {type PruningRecord, recordOf} from './pruning-record.ts';

/** What to do with the records of a training. */
export interface PruningSummariesOptions {
  /**
   * Called with the record of train begin, of each step that updates masks, and of each epoch's end, and awaited.
   * Without it mask updates are not recorded.
   */
  readonly onRecord?: (record: PruningRecord) => void | Promise<void>;
}

/** Records how sparsity grows. Make it with {@link pruningSummaries}. */
export class PruningSummaries extends Callback {
  /** One record at train begin and one after each epoch, over all trainings that this callback saw. */
  readonly records: PruningRecord[];
  private readonly onRecord: PruningSummariesOptions['onRecord'];
  private step: number;

  constructor({onRecord}: PruningSummariesOptions = {}) {
    super();
    this.records = [];
    this.onRecord = onRecord;
    this.step = 0;
    allowPlainCallbacksBeside(this);
  }

  override setModel(model: LayersModel): void {
    checkModel(model, 'setModel', 'invalid-argument');
    this.model = model;
  }

  /** @throws TfmotError `no-pruned-layers`. */
  override async onTrainBegin(): Promise<void> {
    const now = await recordOf(this.wrappers(), 'begin');
    this.step = Math.max(0, now.step);
    await this.keep(now);
  }

  /** Records the masks of a step that the schedule of any layer updates them at. */
  override async onBatchEnd(): Promise<void> {
    this.step++;
    if (this.onRecord === undefined) return;
    const wrappers = this.wrappers();
    if (wrappers.some(({pruningSchedule}) => pruningSchedule.shouldPruneAt(this.step)))
      await this.onRecord(await recordOf(wrappers, 'update'));
  }

  override async onEpochEnd(epoch?: number, logs?: Logs): Promise<void> {
    const now = await recordOf(this.wrappers(), 'epoch');
    if (logs) Object.assign(logs, now.values);
    await this.keep({...now, ...(epoch !== undefined && {epoch}), ...(logs && {logs: await numbersOf(logs)})});
  }

  private async keep(record: PruningRecord): Promise<void> {
    this.records.push(record);
    await this.onRecord?.(record);
  }

  private wrappers(): PruneLowMagnitude[] {
    const wrappers = this.model ? leafLayers(this.model).filter(isWrapper) : [];
    if (wrappers.length > 0) return wrappers;
    throw new TfmotError(
      'no-pruned-layers',
      `pruningSummaries() needs a model with pruned layers, but ${this.model ? `'${this.model.name}' has none` : 'was given no model'}. ` +
        'Train the model that pruneLowMagnitude returns.',
    );
  }
}

/** What `fit` logged, tensors read. */
async function numbersOf(logs: Logs): Promise<Record<string, number>> {
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(logs))
    numbers[name] = typeof value === 'number' ? value : (await (value as Scalar).data())[0]!;
  return numbers;
}

/**
 * A callback that puts the sparsity and threshold of every mask into the logs of each epoch, and so into the history
 * that `fit` returns; its `records` also hold the state at train begin. Use it beside {@link updatePruningStep}.
 *
 * @throws TfmotError `invalid-argument` for an option that it does not know.
 *
 * @example
 * const {history} = await modelForPruning.fit(xs, ys, {callbacks: [updatePruningStep(), pruningSummaries()]});
 * history['prune_low_magnitude_dense/mask/sparsity']; // [0.25, 0.5, ...]
 */
export function pruningSummaries(options?: PruningSummariesOptions): PruningSummaries;
export function pruningSummaries(...given: unknown[]): PruningSummaries {
  const options = namedOptions<PruningSummariesOptions>(
    'pruningSummaries',
    ['onRecord'],
    given.length === 0 ? [{}] : given,
  );
  const {onRecord} = options;
  if (onRecord !== undefined && typeof onRecord !== 'function')
    throw new TfmotError('invalid-argument', `onRecord must be a function of a record, but is ${show(onRecord)}.`);
  return new PruningSummaries(options);
}

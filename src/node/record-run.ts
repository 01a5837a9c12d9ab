import {basename, dirname, join} from 'node:path';
import {isTfmotError, TfmotError} from '../errors.ts';
import {checkOptionNames} from '../option-names.ts';
import {checkRun} from '../report/check-run.ts';
import type {RunRecord} from '../report/facts.ts';
import {type RunMoment, type RunRecorder, runRecorder} from '../report/run-recorder.ts';
import {show} from '../show.ts';
import {writeFileAtomic} from './atomic.ts';
import {readRegular} from './read-file.ts';

/** Where a run is recorded. */
export interface RecordRunOptions {
  /** Folder of `run.json`; made if it is missing. */
  readonly dir: string;
  /**
   * Go on with the run that is in the folder, as a training that resumes from a checkpoint does. Default false: such a
   * run is replaced.
   */
  readonly append?: boolean;
  /** What a reader should know of the run: backend, seed, schedule and the like. */
  readonly about?: Readonly<Record<string, string | number | boolean>>;
}

/** Largest run.json that is read. */
const MOST_BYTES = 256 * 1024 * 1024;

/** A run that is being recorded. */
export interface RecordedRun {
  /** To be given to `pruningSummaries({onRecord})`. */
  readonly onRecord: (moment: RunMoment) => Promise<void>;
  /** What was recorded so far. */
  run(): RunRecord;
}

/**
 * Records a training as `run.json` in a folder: sparsity by weight, at most 64 small pictures of each mask, what each
 * epoch logged. The file appears whole at train begin and is replaced at the end of each epoch. `tfmot report DIR`
 * draws it.
 *
 * @throws TfmotError `invalid-argument`; recording throws `write-failed` when the file cannot be written.
 *
 * @example
 * const {onRecord} = recordRun({dir: 'runs/first', about: {seed: 1}});
 * await modelForPruning.fit(xs, ys, {callbacks: [updatePruningStep(), pruningSummaries({onRecord})]});
 */
export function recordRun(options: RecordRunOptions): RecordedRun {
  checkOptionNames(options, ['dir', 'about', 'append'], 'recordRun');
  const {dir, about, append = false} = options;
  if (typeof dir !== 'string' || dir === '')
    throw new TfmotError('invalid-argument', `dir must be the path of a folder, but is ${show(dir)}.`);
  let recorder: RunRecorder | undefined;
  return {
    run: () => (recorder ?? runRecorder(about)).run(),
    onRecord: async moment => {
      recorder ??= runRecorder(about, append ? await readRun(dir).catch(none) : undefined);
      await recorder.record(moment);
      if (moment.kind === 'update') return;
      await writeFileAtomic(join(dir, 'run.json'), [JSON.stringify(recorder.run())]);
    },
  };
}

/** A run that was stopped before its first record goes on from nothing. */
function none(error: unknown): undefined {
  if (isTfmotError(error) && error.code === 'file-not-found') return undefined;
  throw error;
}

/**
 * Reads the run that {@link recordRun} wrote into a folder.
 *
 * @throws TfmotError `file-not-found`, `read-failed`, `invalid-input`.
 */
export async function readRun(dir: string): Promise<RunRecord> {
  const path = join(dir, 'run.json');
  const {bytes} = await readRegular(dirname(path), basename(path), true, MOST_BYTES);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new TfmotError('invalid-input', `${path} must be JSON, but is not: ${(cause as Error).message}.`, {cause});
  }
  return checkRun(value, path);
}

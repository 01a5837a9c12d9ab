import type {OpenModel} from '../artifacts/open-model.ts';
import {isTfmotError} from '../errors.ts';
import {checkOptionNames} from '../option-names.ts';
import {nextTask, PACE_NAMES, type PaceOptions} from '../pace.ts';
import type {ReportFacts, RunRecord, SizeFact, WeightFacts} from './facts.ts';
import {latencyOf} from './latency.ts';
import {packedSizes} from './sizes.ts';
import {weightFacts} from './weight-facts.ts';

/** What to find out about a model. */
export interface ReportOptions extends PaceOptions {
  /** How the report calls the model. Default: its format. */
  readonly title?: string;
  /** What was recorded while it trained; see `recordRun` of the entry `node`. */
  readonly run?: RunRecord;
  /** Bytes of other forms, such as a file on disk. */
  readonly sizes?: readonly SizeFact[];
  /** Time one example in the engine, as the model is and with its zeros filled. Default true. */
  readonly latency?: boolean;
  /** Compress all weights to weigh them, however many: above 8 MB samples are weighed otherwise. Default false. */
  readonly exact?: boolean;
}

const NAMES: readonly string[] = ['title', 'run', 'sizes', 'latency', 'exact', ...PACE_NAMES];

/**
 * Finds out what there is to say about a model: each weight with its sparsity, values and mask, bytes, time in the
 * engine.
 *
 * @param model An open model of any format; not changed.
 * @returns Plain JSON. `renderHtml`, `renderMarkdown` and `renderText` make a report of it.
 * @throws TfmotError `invalid-argument` for unknown options. The signal's reason when it is aborted.
 *
 * @example
 * const facts = await report(openArtifacts(artifacts), {title: 'digits'});
 * await writeFile('report.html', renderHtml(facts));
 */
export async function report(model: OpenModel, options: ReportOptions = {}): Promise<ReportFacts> {
  checkOptionNames(options, NAMES, 'report');
  const {title = `A ${model.format} model`, run, latency: timed = true, exact = false, signal, onProgress} = options;
  const total = model.weights.length + 2;
  const notes: string[] = [];
  const weights: WeightFacts[] = [];
  for (const weight of model.weights) {
    signal?.throwIfAborted();
    weights.push(weightFacts(weight));
    onProgress?.({done: weights.length, total});
    await nextTask();
  }
  const packed = await packedSizes(model, exact);
  onProgress?.({done: total - 1, total});
  const latency = timed ? await latencyOf(model, signal).catch(noted(notes, signal)) : undefined;
  onProgress?.({done: total, total});
  return {
    kind: 'tfmot-report',
    version: 1,
    title,
    model: {
      format: model.format,
      parameters: weights.reduce((sum, {elements}) => sum + elements, 0),
      nonZeros: weights.reduce((sum, {nonZeros}) => sum + nonZeros, 0),
      bytes: packed[0]!.bytes,
    },
    weights,
    sizes: [...packed, ...(options.sizes ?? [])],
    ...(latency && {latency}),
    ...(run && {run}),
    notes,
  };
}

/** The report of a run whose model is not at hand. */
export function reportOfRun(run: RunRecord, title = 'A run'): ReportFacts {
  return {kind: 'tfmot-report', version: 1, title, weights: [], sizes: [], run, notes: []};
}

/** A model that the engine cannot run has a report without its time, which says why. */
function noted(notes: string[], signal: AbortSignal | undefined): (error: unknown) => undefined {
  return error => {
    signal?.throwIfAborted();
    if (!isTfmotError(error)) throw error;
    notes.push(`The engine did not run it: ${error.message}`);
    return undefined;
  };
}

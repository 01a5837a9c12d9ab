import type {EpochRecord, MaskUpdateRecord, RunRecord, Thumbnail} from './facts.ts';
import {thumbnailOf} from './thumbnail.ts';

/** What is recorded: the records that `pruningSummaries({onRecord})` gives are of this form. */
export interface RunMoment {
  readonly kind: 'begin' | 'update' | 'epoch';
  readonly step: number;
  readonly weights: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly sparsity: number;
    readonly planned: number;
    readonly threshold: number;
    mask(): Promise<Float32Array>;
  }[];
  readonly epoch?: number;
  readonly logs?: Readonly<Record<string, number>>;
}

/** Collects what happens while a model trains. */
export interface RunRecorder {
  /** Takes a moment in; masks are read, drawn small, and let go. */
  record(moment: RunMoment): Promise<void>;
  /** What was recorded so far. */
  run(): RunRecord;
}

/** Most mask updates that are kept: beyond, every other one goes. */
const MOST_UPDATES = 64;

/**
 * A recorder for one run.
 *
 * @param about What a reader should know of the run, such as its seed.
 * @param before What was recorded of the same run before it was interrupted: it goes on from the step at which training
 *     begins again.
 */
export function runRecorder(about: RunRecord['about'] = {}, before?: RunRecord): RunRecorder {
  let updates: MaskUpdateRecord[] = [...(before?.updates ?? [])];
  let epochs: EpochRecord[] = [...(before?.epochs ?? [])];
  const weights = new Set<string>(before?.weights);
  /** Only every so many-th update is kept, once there are many. */
  let every = 1;
  let seen = 0;
  return {
    record: async moment => {
      for (const {name} of moment.weights) weights.add(name);
      const {step, epoch, logs = {}} = moment;
      if (moment.kind === 'begin') {
        // What an interrupted training did after its checkpoint is done again.
        updates = updates.filter(update => update.step < step);
        epochs = epochs.filter(each => each.step <= step);
      }
      if (moment.kind === 'epoch') epochs.push({epoch: epoch ?? epochs.length, step, logs});
      else if (seen++ % every === 0) updates.push(await updateOf(moment));
      if (updates.length <= MOST_UPDATES) return;
      // The last stays where the next one lies a whole stride away.
      updates = updates.filter((_, i) => i % 2 === 0);
      every *= 2;
    },
    run: () => ({
      kind: 'tfmot-run',
      version: 1,
      about,
      weights: [...weights],
      updates: [...updates],
      epochs: [...epochs],
    }),
  };
}

async function updateOf({step, weights}: RunMoment): Promise<MaskUpdateRecord> {
  const masks: Record<string, Thumbnail> = {};
  for (const {name, shape, mask} of weights) {
    const thumbnail = thumbnailOf(await mask(), shape);
    if (thumbnail !== undefined) masks[name] = thumbnail;
  }
  const of = (number: 'sparsity' | 'threshold'): Record<string, number> =>
    Object.fromEntries(weights.map(weight => [weight.name, weight[number]]));
  const [first] = weights;
  const one = first !== undefined && weights.every(({planned}) => planned === first.planned);
  return {
    step,
    ...(one && {planned: first.planned}),
    ...{sparsity: of('sparsity'), threshold: of('threshold'), masks},
  };
}

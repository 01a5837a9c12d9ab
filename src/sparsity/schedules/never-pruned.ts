import type {PruningSchedule} from './schedule.ts';

/** How far ahead the first update of a schedule is looked for. */
const HORIZON = 1_000_000;

/**
 * The warning for schedules that have not come to prune in the steps done; `undefined` when all have.
 *
 * @param progress Schedules with the number of steps done under each.
 */
export function neverPruned(
  progress: readonly {readonly schedule: PruningSchedule; readonly step: number}[],
): string | undefined {
  const idle = new Map<string, string>();
  for (const {schedule, step} of progress) {
    if (firstUpdate(schedule, 1, step) !== undefined) continue;
    const {className, config} = schedule.getConfig();
    const first = firstUpdate(schedule, step + 1, step + HORIZON);
    const start = first === undefined ? `does not start within ${HORIZON} more steps` : `starts at step ${first}`;
    idle.set(
      `${className} ${JSON.stringify(config)}`,
      `${className}(${JSON.stringify(config)}) ${start}, but training has stopped after step ${step}`,
    );
  }
  if (idle.size === 0) return undefined;
  return `Nothing has been pruned: ${[...idle.values()].join('; ')}. Train longer, or let the schedule begin earlier or update more often.`;
}

function firstUpdate(schedule: PruningSchedule, from: number, to: number): number | undefined {
  for (let step = from; step <= to; step++) if (schedule.shouldPruneAt(step)) return step;
  return undefined;
}

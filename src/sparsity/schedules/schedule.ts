/** A schedule as saved in a model: its registered name and what its maker needs to make it again. */
export interface PruningScheduleConfig {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * When masks are updated, and how sparse they then are. Training steps count from 1; every method is a pure function.
 *
 * @example
 * const halving: PruningSchedule = {
 *   sparsityAt: step => 1 - 0.5 ** Math.floor(step / 1000),
 *   shouldPruneAt: step => step % 1000 === 0,
 *   getConfig: () => ({className: 'Halving', config: {}}),
 * };
 * registerPruningSchedule('Halving', () => halving);
 */
export interface PruningSchedule {
  /** The target sparsity at `step`, a fraction in [0, 1). */
  sparsityAt(step: number): number;
  /** Whether masks are updated at `step`. */
  shouldPruneAt(step: number): boolean;
  /** What is saved: the name under which the schedule is registered, and plain JSON data for its maker. */
  getConfig(): PruningScheduleConfig;
}

/** Whether `value` has the three methods of a schedule. */
export function isPruningSchedule(value: unknown): value is PruningSchedule {
  const like = value as Partial<PruningSchedule> | null | undefined;
  return (
    typeof like?.sparsityAt === 'function' &&
    typeof like.shouldPruneAt === 'function' &&
    typeof like.getConfig === 'function'
  );
}

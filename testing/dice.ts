import type {Random} from './seeded.ts';

/** What a test draws at random, all of it by one generator. */
export interface Dice {
  /** The generator's next number, in [0, 1). */
  readonly next: Random;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** True with this probability. */
  chance(share: number): boolean;
  /** Floats in [-1, 1), each of them zero with probability `zeros`. */
  floats(count: number, zeros?: number): Float32Array;
}

/** Dice that throw what `random` gives. */
export function diceOf(random: Random): Dice {
  const whole: Dice['whole'] = (low, high) => low + Math.floor(random() * (high - low + 1));
  return {
    next: random,
    whole,
    pick: list => list[whole(0, list.length - 1)]!,
    chance: share => random() < share,
    floats(count, zeros = 0) {
      const values = new Float32Array(count);
      for (let i = 0; i < count; i++) values[i] = random() < zeros ? 0 : random() * 2 - 1;
      return values;
    },
  };
}

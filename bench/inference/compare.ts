import type {Pattern} from '../../src/masks/pattern.ts';
import {uniformValues} from '../../testing/seeded.ts';
import {countZeros, pruneWeights} from '../../testing/weights.ts';
import {type MeasureOptions, measure, type Timing} from '../lib/measure.ts';
import type {Runner, Session} from './runners/runner.ts';
import type {Work} from './works/work.ts';

/** How the zeros lie: anywhere, or in blocks of four outputs of one input. */
export const PATTERN_NAMES = ['unstructured', '1x4'] as const;
export type PatternName = (typeof PATTERN_NAMES)[number];

/** One work at one sparsity on all runners. */
export interface Comparison {
  readonly work: string;
  readonly pattern: PatternName;
  /** Asked for, a fraction of every prunable matrix. */
  readonly zeros: number;
  /** Found in all weights of the model, those included that are never pruned. */
  readonly zerosOfModel: number;
  readonly runners: readonly RunnerResult[];
}

/** How a runner did; `name` of the timing is the runner's. */
export interface RunnerResult extends Timing {
  /** Largest difference of an output to TensorFlow.js, as a fraction of the range of its outputs. */
  readonly maxDifference: number;
}

/** More than rounding explains: a runner that differs more from TensorFlow.js computes something else. */
const TOLERANCE = 1e-4;
/** What `computeMask` takes for each of them. */
export const PATTERNS: Readonly<Record<PatternName, Pattern>> = {
  unstructured: {type: 'element'},
  '1x4': {type: 'block', size: [1, 4], pooling: 'AVG'},
};

/**
 * Prunes a work, checks that all runners agree with the first one, and times them in interleaved rounds.
 *
 * @throws Error when a runner's output differs by more than 1e-4 of the output's range.
 */
export async function compare(
  runners: readonly Runner[],
  work: Work,
  pattern: PatternName,
  zeros: number,
  options: MeasureOptions,
): Promise<Comparison> {
  const model = await work.build();
  const sessions: Session[] = [];
  try {
    pruneWeights(model, PATTERNS[pattern], zeros);
    const {inputShape} = work;
    const input = uniformValues(
      inputShape.reduce((product, size) => product * size, 1),
      11,
    );
    for (const runner of runners) sessions.push(await runner.prepare({model, input, inputShape}));
    const differences = await maxDifferences(sessions);
    const wrong = differences.findIndex(difference => !(difference <= TOLERANCE));
    if (wrong >= 0)
      throw new Error(
        `${runners[wrong]!.name} differs from ${runners[0]!.name} by ${differences[wrong]} in ${work.name}, ${pattern} at ${zeros}; at most ${TOLERANCE} is allowed.`,
      );
    const tasks = sessions.map((session, index) => ({name: runners[index]!.name, run: () => session.run()}));
    const timings = await measure(tasks, options);
    return {
      work: work.name,
      pattern,
      zeros,
      zerosOfModel: countZeros(model),
      runners: timings.map((timing, index) => ({...timing, maxDifference: differences[index]!})),
    };
  } finally {
    for (const session of sessions) await session.dispose();
    model.dispose();
  }
}

/** The largest difference of every session's output to the first one's, relative to its range. */
async function maxDifferences(sessions: readonly Session[]): Promise<number[]> {
  const outputs: Float32Array[] = [];
  for (const session of sessions) outputs.push(Float32Array.from(session.channelsLast(await session.run())));
  const reference = outputs[0]!;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of reference) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return outputs.map(output => {
    if (output.length !== reference.length) return Number.NaN;
    let largest = 0;
    for (let i = 0; i < output.length; ++i) {
      const difference = Math.abs(output[i]! - reference[i]!);
      if (!(difference <= largest)) largest = difference;
    }
    return largest / (high - low);
  });
}

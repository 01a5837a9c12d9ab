import type {Range} from '../formats/tflite/write/integer/grids.ts';

/** Bins of a histogram: enough that a cut between two of them is as good as any. */
const BINS = 2048;

/**
 * How often numbers were seen, in bins of one width, which grow by doubling as the range does. Zeros are not counted:
 * every grid has them.
 */
export interface Histogram {
  readonly min: number;
  readonly width: number;
  readonly counts: Float64Array;
  /** The range that was seen, which the bins cover. */
  readonly seen: Range;
}

/** A histogram of no numbers. */
export const EMPTY: Histogram = {
  min: 0,
  width: 0,
  counts: new Float64Array(BINS),
  seen: {min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY},
};

/** The histogram with more numbers; the old one may not be used any more. */
export function withNumbers(histogram: Histogram, values: Float32Array): Histogram {
  if (Number.isNaN(histogram.seen.min)) return histogram;
  let {min, max} = histogram.seen;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
    if (Number.isNaN(value)) return {...histogram, seen: {min: Number.NaN, max: Number.NaN}};
  }
  const seen = {min, max};
  if (!Number.isFinite(max - min)) return {...histogram, seen};
  const grown = covering({...histogram, seen});
  const {counts} = grown;
  for (const value of values)
    if (value !== 0) counts[Math.min(BINS - 1, Math.floor((value - grown.min) / grown.width))]!++;
  return grown;
}

/** Bins over all that was seen. */
function covering(histogram: Histogram): Histogram {
  const {seen} = histogram;
  if (histogram.width === 0) {
    const width = Math.max(seen.max - seen.min, 1e-30) / BINS;
    return {seen, min: seen.min, width: Math.max(width, Number.MIN_VALUE), counts: new Float64Array(BINS)};
  }
  let {min, width, counts} = histogram;
  while (seen.min < min || seen.max > min + width * BINS) {
    // Two bins become one, and the room that is won lies where it is needed.
    const below = seen.min < min;
    const merged = new Float64Array(BINS);
    const first = below ? BINS / 2 : 0;
    for (let i = 0; i < BINS; i++) merged[first + (i >> 1)]! += counts[i]!;
    if (below) min -= width * BINS;
    width *= 2;
    counts = merged;
  }
  return {seen, min, width, counts};
}

/** The bounds that leave a share of the numbers out, half of it on each side. */
export function withoutTails({seen, min, width, counts}: Histogram, share: number): Range {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const cut = (total * share) / 2;
  let [first, last] = [0, BINS - 1];
  for (let left = counts[first]!; left <= cut && first < last; left += counts[first]!) first++;
  for (let left = counts[last]!; left <= cut && last > first; left += counts[last]!) last--;
  return {min: Math.max(seen.min, min + first * width), max: Math.min(seen.max, min + (last + 1) * width)};
}

/** Ranges that are tried: the whole one, and so much of it on both sides of zero. */
const SHARES: readonly number[] = Array.from({length: 48}, (_, i) => 1 - i / 60);

/** The share of numbers that a range must hold: of very few, any levels tell all. */
const LEAST_INSIDE = 0.95;

/** Levels of a grid. */
const LEVELS = 256;

/** Numbers that a bin must hold on average: with fewer, chance makes more of a difference than levels do. */
const NUMBERS_A_BIN = 32;

/**
 * The bounds on which 256 levels keep most of what the numbers say: the smallest divergence (Kullback and Leibler 1951)
 * of the histogram, cut off there, from itself as the levels tell it. Where there are too few numbers to say, all that
 * was seen.
 */
export function leastDivergence(histogram: Histogram): Range {
  const {seen} = histogram;
  const bins = reliableBins(histogram);
  if (bins === null) return seen;
  let best: Range = seen;
  let least = Number.POSITIVE_INFINITY;
  for (const share of SHARES) {
    const range = {min: Math.min(0, seen.min) * share, max: Math.max(0, seen.max) * share};
    const divergence = divergenceOn(bins, range);
    if (divergence >= least) continue;
    least = divergence;
    best = range;
  }
  return best;
}

/** The histogram in so few bins that each holds enough numbers; null where those would be no more than the levels. */
function reliableBins({min, width, counts}: Histogram): Pick<Histogram, 'counts' | 'min' | 'width'> | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let bins = {min, width, counts};
  while (total < NUMBERS_A_BIN * bins.counts.filter(count => count > 0).length) {
    if (bins.counts.length <= 2 * LEVELS) return null;
    const merged = new Float64Array(bins.counts.length / 2);
    bins.counts.forEach((count, i) => {
      merged[i >> 1]! += count;
    });
    bins = {min, width: bins.width * 2, counts: merged};
  }
  return bins;
}

/** The divergence of the numbers, those outside moved to the edges, from levels that spread evenly over their bins. */
function divergenceOn({min, width, counts}: Pick<Histogram, 'counts' | 'min' | 'width'>, range: Range): number {
  const step = (range.max - range.min) / LEVELS;
  if (!(step > 0)) return Number.POSITIVE_INFINITY;
  const clamp = (index: number, length: number): number => Math.max(0, Math.min(length - 1, Math.floor(index)));
  const levelOf = (bin: number): number => clamp((min + (bin + 0.5) * width - range.min) / step, LEVELS);
  const [first, last] = [range.min, range.max].map(bound => clamp((bound - min) / width, counts.length)) as [
    number,
    number,
  ];
  const clipped = counts.slice(first, last + 1);
  const told = new Float64Array(LEVELS);
  const occupied = new Float64Array(LEVELS);
  let [total, inside] = [0, 0];
  counts.forEach((count, bin) => {
    total += count;
    if (bin < first) clipped[0]! += count;
    else if (bin > last) clipped[last - first]! += count;
    else {
      inside += count;
      told[levelOf(bin)]! += count;
    }
  });
  if (inside < LEAST_INSIDE * total) return Number.POSITIVE_INFINITY;
  clipped.forEach((count, i) => {
    if (count > 0) occupied[levelOf(first + i)]!++;
  });
  let divergence = 0;
  clipped.forEach((count, i) => {
    if (count === 0) return;
    const level = levelOf(first + i);
    // What the levels do not tell at all costs as much as if they told of one number.
    const spread = Math.max(told[level]! / occupied[level]!, 1);
    divergence += (count / total) * Math.log(count / total / (spread / inside));
  });
  return divergence;
}

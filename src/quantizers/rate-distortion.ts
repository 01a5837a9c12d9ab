/** Costs of levels beyond are those of the last. */
const LEVELS = 64;
const ROUNDS = 2;

/**
 * Chooses a level for each value so that `(value / step - level) ** 2 + lambda * bits` is least, level by level: the
 * nearest, the next toward zero, or zero. The bits are those the coder will take for a level in its row and column,
 * judged by the levels of the round before. Zeros stay zero. Source: the rate-distortion optimised quantisation of
 * video coders, for weights in S. Wiedemann et al., "DeepCABAC" (2019).
 *
 * @param values Row-major, finite; not changed.
 * @param columns Length of a row.
 * @param lambda Squared steps a bit; 0 rounds to the nearest level.
 * @returns Magnitudes up to 2^23.
 */
export function chooseLevels(values: Float32Array, columns: number, step: number, lambda: number): Int32Array {
  const levels = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) levels[i] = Math.round(values[i]! / step);
  if (lambda === 0) return levels;
  const rows = Math.ceil(values.length / columns);
  for (let round = 0; round < ROUNDS; round++) {
    const magnitudeBits = costOfMagnitudes(levels);
    const {rowLogits, columnLogits} = densities(levels, rows, columns);
    for (let r = 0, i = 0; r < rows; r++) {
      const rowLogit = rowLogits[r]!;
      for (let c = 0; c < columns && i < values.length; c++, i++) {
        const value = values[i]!;
        if (value === 0) continue;
        const exact = Math.abs(value) / step;
        const nearest = Math.round(exact);
        if (nearest === 0) continue;
        const keptBits = -(rowLogit + columnLogits[c]!) * Math.LOG2E;
        let best = 0;
        let least = exact * exact;
        for (let level = nearest; level >= 1 && level >= nearest - 1; level--) {
          const cost = (exact - level) ** 2 + lambda * (keptBits + magnitudeBits[level < LEVELS ? level : LEVELS - 1]!);
          if (cost < least) {
            least = cost;
            best = level;
          }
        }
        levels[i] = value < 0 ? -best : best;
      }
    }
  }
  return levels;
}

/** Bits of a sign and a magnitude, by how often each magnitude occurs; index 0 is not used. */
function costOfMagnitudes(levels: Int32Array): Float64Array {
  const counts = new Float64Array(LEVELS).fill(0.5);
  let total = 0.5 * LEVELS;
  for (let i = 0; i < levels.length; i++) {
    const level = Math.abs(levels[i]!);
    if (level === 0) continue;
    counts[level < LEVELS ? level : LEVELS - 1]!++;
    total++;
  }
  return counts.map(count => 1 - Math.log2(count / total));
}

/**
 * Log odds of a kept weight, the sum of a row's and a column's part. Keeping a weight costs about minus this many nats
 * more than dropping it.
 */
function densities(
  levels: Int32Array,
  rows: number,
  columns: number,
): {rowLogits: Float64Array; columnLogits: Float64Array} {
  const inRow = new Float64Array(rows);
  const inColumn = new Float64Array(columns);
  let kept = 0;
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < columns && i < levels.length; c++, i++) {
      if (levels[i] === 0) continue;
      inRow[r]!++;
      inColumn[c]!++;
      kept++;
    }
  }
  const overall = logit(kept, levels.length);
  return {
    rowLogits: inRow.map(count => logit(count, columns)),
    columnLogits: inColumn.map(count => logit(count, rows) - overall),
  };
}

function logit(count: number, of: number): number {
  return Math.log((count + 0.5) / (Math.max(0, of - count) + 0.5));
}

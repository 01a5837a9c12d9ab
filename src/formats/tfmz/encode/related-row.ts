const ROWS_MAX = 8192;
const LAGS_MAX = 256;
const CORRELATION_MIN = 0.2;

/**
 * How many rows above a row its closest relative lies, judged by how many weights each keeps: the width of an image
 * under a dense kernel, the channels under a flattened one. 1 when no distance stands out.
 *
 * @param rowCounts How many weights of each row are not zero.
 */
export function relatedRow(rowCounts: ArrayLike<number>): number {
  const rows = Math.min(rowCounts.length, ROWS_MAX);
  let mean = 0;
  for (let r = 0; r < rows; r++) mean += rowCounts[r]! / rows;
  let variance = 0;
  for (let r = 0; r < rows; r++) variance += (rowCounts[r]! - mean) ** 2;
  if (variance === 0) return 1;
  const lags = Math.min(LAGS_MAX, rows >> 2);
  const correlation = new Float64Array(lags + 2);
  for (let lag = 1; lag < correlation.length; lag++) {
    let sum = 0;
    for (let r = lag; r < rows; r++) sum += (rowCounts[r]! - mean) * (rowCounts[r - lag]! - mean);
    correlation[lag] = sum / variance;
  }
  let best = 1;
  for (let lag = 2; lag <= lags; lag++) {
    const value = correlation[lag]!;
    if (value < CORRELATION_MIN || value <= correlation[lag - 1]! || value <= correlation[lag + 1]!) continue;
    if (best === 1 || value > correlation[best]!) best = lag;
  }
  return best;
}

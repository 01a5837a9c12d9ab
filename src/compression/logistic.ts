/** The logistic domain has 256 steps a unit, from -2047 to 2047: probabilities from 0.0003 to 0.9997. */
const STEPS_PER_UNIT = 256;
/** Largest magnitude of a value in the logistic domain. */
export const LOGISTIC_LIMIT = 2047;

/** `SQUASH[x + 2048]` is the probability 1 / (1 + exp(-x / 256)) in 1/65536, for x from -2048 to 2047. */
export const SQUASH: Uint16Array = squashTable();

/** `STRETCH[p]` is the smallest x whose squashed probability is at least p / 4096, limited to -2047..2047. */
export const STRETCH: Int16Array = stretchTable(SQUASH);

/**
 * Made with additions, multiplications and divisions of IEEE doubles alone, so that every engine builds the same table:
 * the standard leaves the last bit of `Math.exp` open, and one differing entry would lose the stream.
 */
function squashTable(): Uint16Array {
  const table = new Uint16Array(4096);
  // exp(1 / 256) by its series, added from the smallest term.
  let ratio = 1;
  for (let n = 8; n >= 1; n--) ratio = 1 + ratio / (n * STEPS_PER_UNIT);
  let power = 1;
  for (let x = 0; x <= 2048; x++) {
    const p = Math.min(65535, Math.floor((65536 * power) / (1 + power)));
    if (x < 2048) table[2048 + x] = p;
    table[2048 - x] = 65536 - p;
    power *= ratio;
  }
  return table;
}

function stretchTable(squash: Uint16Array): Int16Array {
  const table = new Int16Array(4096);
  let x = -LOGISTIC_LIMIT;
  for (let p = 0; p < 4096; p++) {
    while (x < LOGISTIC_LIMIT && squash[x + 2048]! < p * 16) x++;
    table[p] = x;
  }
  return table;
}

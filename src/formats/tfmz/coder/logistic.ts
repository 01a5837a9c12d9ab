/** Steps of a unit of the logistic domain. */
const STEPS_PER_UNIT = 256;
/** Largest magnitude of a logit coded with, in steps: a probability of 1/65536. */
export const LOGIT_LIMIT = 2815;
/** Largest magnitude of a slot's logit, which has 12 bits of probability to come from. */
const STRETCH_LIMIT = 2047;
const CENTRE = 4096;

/**
 * `SQUASH[x + 4096]` is the probability 1 / (1 + exp(-x / 256)) in 1/65536, from 1 to 65535, for x from -4096 to 4095.
 */
export const SQUASH: Uint16Array = squashTable();

/** `STRETCH[p]` is the smallest x whose squashed probability is at least p / 4096, limited to -2047..2047. */
export const STRETCH: Int16Array = stretchTable(SQUASH);

/**
 * Made with additions, multiplications and divisions of IEEE doubles alone, so that every engine builds the same table:
 * the standard leaves the last bit of `Math.exp` open, and one differing entry would lose the stream.
 */
function squashTable(): Uint16Array {
  const table = new Uint16Array(2 * CENTRE);
  // exp(1 / 256) by its series, added from the smallest term.
  let ratio = 1;
  for (let n = 8; n >= 1; n--) ratio = 1 + ratio / (n * STEPS_PER_UNIT);
  let power = 1;
  for (let x = 0; x <= CENTRE; x++) {
    const p = Math.min(65535, Math.floor((65536 * power) / (1 + power)));
    if (x < CENTRE) table[CENTRE + x] = p;
    table[CENTRE - x] = 65536 - p;
    power *= ratio;
  }
  return table;
}

function stretchTable(squash: Uint16Array): Int16Array {
  const table = new Int16Array(4096);
  let x = -STRETCH_LIMIT;
  for (let p = 0; p < 4096; p++) {
    while (x < STRETCH_LIMIT && squash[x + CENTRE]! < p * 16) x++;
    table[p] = x;
  }
  return table;
}

/** A generator: every call gives its next number, in [0, 1). */
export type Random = () => number;

/**
 * The numbers of a seed, in [0, 1), by whole-number arithmetic alone: the same on every machine. A Weyl sequence, mixed
 * by the finaliser of MurmurHash3 (Appleby 2011). Golden files and the weights of the benches are made of these very
 * numbers, so they never change.
 */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** `count` numbers of a seed, in [0, 1). */
export function uniformValues(count: number, seed: number): Float32Array {
  const random = seeded(seed);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = random();
  return values;
}

/** `count` numbers of the standard normal distribution from a seed (Box and Muller 1958). */
export function normalValues(count: number, seed: number): Float32Array {
  const random = seeded(seed);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

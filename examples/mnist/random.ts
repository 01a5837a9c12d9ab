/**
 * A seeded generator of uniform numbers in [0, 1): a counter through the 32-bit finaliser of MurmurHash3. Two
 * generators with the same seed give the same numbers on every machine.
 */
export function seededRandom(seed: number): () => number {
  let counter = seed | 0;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    let bits = counter;
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** The numbers 0 to `count - 1` in a seeded random order (Fisher and Yates). */
export function shuffledOrder(count: number, seed: number): Uint32Array<ArrayBuffer> {
  const random = seededRandom(seed);
  const order = Uint32Array.from({length: count}, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}

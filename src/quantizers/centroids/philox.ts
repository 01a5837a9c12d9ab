/**
 * Random numbers of the counter-based generator Philox 4x32 with ten rounds (Salmon et al. 2011), its counter from 0
 * and the key from a seed: those that TensorFlow draws.
 */
export interface Philox {
  /** The next whole number of 32 bits. */
  word(): number;
  /** The next number in [0, 1), of 23 bits. */
  float(): number;
  /** The next whole number below `count`, each as likely. */
  below(count: number): number;
}

/** @param seed A whole number, 0 to 2^53 - 1. */
export function philox(seed: number): Philox {
  const key: readonly [number, number] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  let block = 0;
  let words: readonly number[] = [];
  let used = 0;
  const word = (): number => {
    if (used === words.length) {
      words = blockOf(key, block++);
      used = 0;
    }
    return words[used++]!;
  };
  return {
    word,
    float: () => (word() & 0x7fffff) / 2 ** 23,
    below: count => below(word, count),
  };
}

/** A number of 64 bits, drawn anew while it is among the few that would make small remainders more likely. */
function below(word: () => number, count: number): number {
  const n = BigInt(count);
  const draw = (): bigint => {
    const low = BigInt(word());
    return low | (BigInt(word()) << 32n);
  };
  if ((n & (n - 1n)) === 0n) return Number(draw() & (n - 1n));
  const refused = ((1n << 64n) - 1n) % n;
  let drawn = draw();
  while (drawn < refused + 1n) drawn = draw();
  return Number(drawn % n);
}

/** The four words of a block. */
function blockOf([key0, key1]: readonly [number, number], block: number): readonly number[] {
  let [c0, c1, c2, c3] = [block >>> 0, Math.floor(block / 2 ** 32) >>> 0, 0, 0];
  let [k0, k1] = [key0, key1];
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = product(0xd2511f53, c0);
    const [high1, low1] = product(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** High and low word of the product of two words. */
function product(a: number, b: number): readonly [number, number] {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 65536);
  const carry = (middle % 65536) + aLow * bHigh;
  const high = aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536);
  return [high >>> 0, Math.imul(a, b) >>> 0];
}

import {TREE_BITS} from '../coder/level-model.ts';
import {entropyBits} from './coding-bits.ts';

/**
 * A word that is more than this share of a weight stands where its neighbours tell: it must be the one without a level.
 */
const MASK_SHARE = 0.5;
/** Another word than the commonest must promise so much less. */
const WORTH = 0.995;

/**
 * Which word of a palette has level 0. The commonest, mostly: what is not zero is coded by sign and magnitude, and
 * magnitudes are taken to be as likely on both sides of it. Where they are not, as in a code book whose entries lie
 * where they may, one of the ends: then every level has one sign, and each magnitude a likelihood of its own.
 *
 * @param counts How often each word occurs, in the order of the palette.
 * @param commonest The word that occurs most.
 */
export function paletteZero(counts: ArrayLike<number>, commonest: number): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i]!;
  if (counts[commonest]! > MASK_SHARE * total) return commonest;
  let best = commonest;
  let least = levelBits(counts, commonest) * WORTH;
  for (const end of [0, counts.length - 1]) {
    const bits = levelBits(counts, end);
    if (bits < least) [best, least] = [end, bits];
  }
  return best;
}

/** Bits of the levels as their model sees them, had it learned all it can. */
function levelBits(counts: ArrayLike<number>, zero: number): number {
  const magnitudes = new Map<number, number>();
  let below = 0;
  let above = 0;
  let raw = 0;
  for (let i = 0; i < counts.length; i++) {
    if (i === zero) continue;
    const magnitude = Math.abs(i - zero);
    if (i < zero) below += counts[i]!;
    else above += counts[i]!;
    const unseen = Math.max(0, 31 - Math.clz32(magnitude) - TREE_BITS);
    const key = Math.floor(magnitude / 2 ** unseen) + 32 * unseen;
    magnitudes.set(key, (magnitudes.get(key) ?? 0) + counts[i]!);
    raw += unseen * counts[i]!;
  }
  return (
    entropyBits([counts[zero]!, below + above]) +
    entropyBits([below, above]) +
    entropyBits([...magnitudes.values()]) +
    raw
  );
}

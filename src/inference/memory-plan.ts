import {alignedBytes, READ_SLACK, RESERVED_BYTES} from './kernels/index.ts';
import type {Region} from './value.ts';

/** Bytes of one page of WebAssembly memory. */
const PAGE = 65536;

/** Where everything lies: the regions have their offsets. */
export interface MemoryPlan {
  readonly pages: number;
  /** Packed weights and constants. */
  readonly weightBytes: number;
  /** Activations and scratch at their peak. */
  readonly activationBytes: number;
}

/**
 * Gives every region its offset: constants one after the other, then activations, which share bytes when no step needs
 * both. Larger regions choose first, each the tightest gap that fits among those live with it (greedy by size; Pisarchyk and
 * Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020).
 *
 * @param steps How many steps there are.
 */
export function planMemory(constants: readonly Region[], activations: readonly Region[], steps: number): MemoryPlan {
  let end = RESERVED_BYTES;
  for (const region of constants) {
    region.offset = end;
    end += alignedBytes(region.bytes);
  }
  const weightBytes = end - RESERVED_BYTES;
  const peak = placeByLiveness(activations, end, steps);
  return {
    pages: Math.ceil((peak + READ_SLACK) / PAGE),
    weightBytes,
    activationBytes: peak - end,
  };
}

/** How many neighbours may be looked at for each region, on average, beside {@link FREE_LOOKS}. */
const LOOKS_EACH = 256;
const FREE_LOOKS = 2 ** 22;

/**
 * Looks at the regions that are live at the same steps, by lists of what is live at each. Where very many are live at once,
 * the work would grow with their square: then the smallest, which come last, share nothing.
 */
function placeByLiveness(regions: readonly Region[], base: number, steps: number): number {
  const order = [...regions].sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  // Before the first step there are the inputs.
  const live: Region[][] = Array.from({length: steps + 1}, () => []);
  let looks = FREE_LOOKS + LOOKS_EACH * regions.length;
  let peak = base;
  for (const region of order) {
    const first = region.first + 1;
    const last = Math.min(steps, region.last + 1);
    const neighbours = looks > 0 ? new Set<Region>() : null;
    for (let step = first; step <= last && looks > 0; step++) {
      const there = live[step]!;
      looks -= 1 + there.length;
      for (const other of there) neighbours!.add(other);
    }
    region.offset = neighbours === null || looks <= 0 ? peak : tightestGap(region, neighbours, base);
    peak = Math.max(peak, region.offset + alignedBytes(region.bytes));
    if (looks > 0) for (let step = first; step <= last; step++) live[step]!.push(region);
  }
  return peak;
}

/** @param neighbours Those placed already that are live with the region. */
function tightestGap(region: Region, neighbours: ReadonlySet<Region>, base: number): number {
  const need = alignedBytes(region.bytes);
  let free = base;
  let best = -1;
  let smallest = Infinity;
  for (const other of [...neighbours].sort((a, b) => a.offset - b.offset)) {
    const gap = other.offset - free;
    if (gap >= need && gap < smallest) {
      best = free;
      smallest = gap;
    }
    free = Math.max(free, other.offset + alignedBytes(other.bytes));
  }
  return best < 0 ? free : best;
}

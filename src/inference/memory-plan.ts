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
  /** Where the program lies. */
  readonly programAt: number;
}

/**
 * Gives every region its offset: constants one after the other, then the program, then activations, which share bytes
 * when no step needs both. Larger regions choose first, each the tightest gap that fits among those live with it
 * (greedy by size; Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020).
 *
 * @param steps How many steps there are.
 * @param programBytes Bytes of the program.
 */
export function planMemory(
  constants: readonly Region[],
  activations: readonly Region[],
  steps: number,
  programBytes: number,
): MemoryPlan {
  let end = RESERVED_BYTES;
  for (const region of constants) {
    region.offset = end;
    end += alignedBytes(region.bytes);
  }
  const programAt = end;
  end += alignedBytes(programBytes);
  const peak = placeByLiveness(activations, end, steps);
  return {
    pages: Math.ceil((peak + READ_SLACK) / PAGE),
    weightBytes: programAt - RESERVED_BYTES,
    activationBytes: peak - end,
    programAt,
  };
}

/** How many steps and neighbours may be looked at for each region, on average, beside {@link FREE_LOOKS}. */
const LOOKS_EACH = 256;
const FREE_LOOKS = 2 ** 22;

/**
 * Looks at the regions that are live with each: those live at its first step, and those that begin while it is. Where
 * very many are live for very long, the work would grow with their square: then the smallest, which come last, share
 * nothing.
 */
function placeByLiveness(regions: readonly Region[], base: number, steps: number): number {
  const order = [...regions].sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  // Step 0 is before the first: there the inputs begin.
  const live: Region[][] = Array.from({length: steps + 1}, () => []);
  const starting: Region[][] = Array.from({length: steps + 1}, () => []);
  let looks = FREE_LOOKS + LOOKS_EACH * regions.length;
  let peak = base;
  for (const region of order) {
    const first = region.first + 1;
    const last = Math.min(steps, region.last + 1);
    if (looks <= 0) region.offset = peak;
    else {
      const neighbours = [...live[first]!];
      for (let step = first + 1; step <= last; step++) for (const other of starting[step]!) neighbours.push(other);
      region.offset = tightestGap(region, neighbours, base);
      starting[first]!.push(region);
      for (let step = first; step <= last; step++) live[step]!.push(region);
      looks -= neighbours.length + 2 * (last - first + 1);
    }
    peak = Math.max(peak, region.offset + alignedBytes(region.bytes));
  }
  return peak;
}

/** @param neighbours Those placed already that are live with the region. */
function tightestGap(region: Region, neighbours: Region[], base: number): number {
  const need = alignedBytes(region.bytes);
  let free = base;
  let best = -1;
  let smallest = Infinity;
  for (const other of neighbours.sort((a, b) => a.offset - b.offset)) {
    const gap = other.offset - free;
    if (gap >= need && gap < smallest) {
      best = free;
      smallest = gap;
    }
    free = Math.max(free, other.offset + alignedBytes(other.bytes));
  }
  return best < 0 ? free : best;
}

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
 */
export function planMemory(constants: readonly Region[], activations: readonly Region[]): MemoryPlan {
  let end = RESERVED_BYTES;
  for (const region of constants) {
    region.offset = end;
    end += alignedBytes(region.bytes);
  }
  const weightBytes = end - RESERVED_BYTES;
  const peak = placeByLiveness(activations, end);
  return {
    pages: Math.ceil((peak + READ_SLACK) / PAGE),
    weightBytes,
    activationBytes: peak - end,
  };
}

function placeByLiveness(regions: readonly Region[], base: number): number {
  const order = [...regions].sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  const placed: Region[] = [];
  let peak = base;
  for (const region of order) {
    region.offset = tightestGap(region, placed, base);
    const end = region.offset + alignedBytes(region.bytes);
    peak = Math.max(peak, end);
    const at = placed.findIndex(other => other.offset > region.offset);
    placed.splice(at < 0 ? placed.length : at, 0, region);
  }
  return peak;
}

/** `placed` is in order of offsets. */
function tightestGap(region: Region, placed: readonly Region[], base: number): number {
  const need = alignedBytes(region.bytes);
  let free = base;
  let best = -1;
  let smallest = Infinity;
  for (const other of placed) {
    if (other.last < region.first || other.first > region.last) continue;
    const gap = other.offset - free;
    if (gap >= need && gap < smallest) {
      best = free;
      smallest = gap;
    }
    free = Math.max(free, other.offset + alignedBytes(other.bytes));
  }
  return best < 0 ? free : best;
}

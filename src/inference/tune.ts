import type {ChooseFormat, FormatQuestion} from './choose.ts';
import {estimateFormats} from './choose.ts';
import type {Kernels, KernelVariant, WeightFormat} from './kernels/index.ts';
import {alignedBytes, loadKernels, READ_SLACK, RESERVED_BYTES} from './kernels/index.ts';

/** Formats that should cost this many times the cheapest are not tried. */
const WORTH_TRYING = 3;
/** One measurement lasts at least this long, so that coarse clocks can tell; the best of some counts. */
const MIN_MS = 1;
const ROUNDS = 5;

/**
 * Chooses formats by running each that has a chance, on the spot. Its memory is its own and goes with it.
 *
 * @param variant The kernels the engine will run.
 */
export async function chooserByMeasuring(variant: KernelVariant): Promise<ChooseFormat> {
  const memory = new WebAssembly.Memory({initial: 2});
  const kernels = await loadKernels(memory, variant);
  return question => {
    const estimates = estimateFormats(question);
    const limit = estimates[0]![1] * WORTH_TRYING;
    const tried = estimates.filter(([, cost]) => cost <= limit).map(([format]) => format);
    if (tried.length === 1) return tried[0]!;
    try {
      const times = tried.map(format => measureFormat(kernels, memory, question, format));
      return tried[times.indexOf(Math.min(...times))]!;
    } catch {
      // There is no memory to try it in.
      return tried[0]!;
    }
  };
}

/** Milliseconds of one product in a format; grows `memory` as it needs. */
export function measureFormat(
  kernels: Kernels,
  memory: WebAssembly.Memory,
  {matrix, geometry, pixels, pack}: FormatQuestion,
  format: WeightFormat,
): number {
  const {kernel, bytes} = pack(format);
  const inputBytes = geometry === null ? matrix.inputs * 4 : extentOf(geometry.inputOffsets) + pixels * 4;
  const outputBytes = geometry === null ? matrix.outputs * 4 + 16 : matrix.outputs * geometry.outputStride + pixels * 4;
  const x = RESERVED_BYTES + alignedBytes(bytes.byteLength);
  const y = x + alignedBytes(inputBytes) + READ_SLACK;
  const missing = y + outputBytes + READ_SLACK - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  new Uint8Array(memory.buffer).set(bytes, RESERVED_BYTES);
  new Float32Array(memory.buffer, x, (y - x) / 4).fill(0.5);
  const call = kernels[kernel] as (weights: number, x: number, y: number, ...rest: number[]) => void;
  const rest = geometry === null ? [-Infinity, Infinity] : [pixels, -Infinity, Infinity];
  const run = (times: number): number => {
    const start = performance.now();
    for (let i = 0; i < times; i++) call(RESERVED_BYTES, x, y, ...rest);
    return performance.now() - start;
  };
  let times = 1;
  while (run(times) < MIN_MS && times < 1e6) times *= 4;
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, run(times) / times);
  return best;
}

function extentOf(offsets: Uint32Array): number {
  let last = 0;
  for (const offset of offsets) last = Math.max(last, offset);
  return last;
}

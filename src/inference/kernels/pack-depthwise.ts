import type {ConvolutionPlan} from './convolution.ts';
import {type PackedWeights, sheetOf} from './packed.ts';

const HEADER = 64;
const PHASE = 16;
const RECORD = 8;
const ENTRY = 8;

/**
 * Packs the weights and the geometry of a depthwise convolution for the `depthwise` kernel, whose scratch takes
 * `plan.scratchBytes` (one plane: the kernel lays them out one after the other) and whose output has no gaps unless `output` says so.
 *
 * @param values Keras' depthwise kernel `[height, width, channels, multiplier]`; zeros are left out.
 * @param bias One float an output channel (`channel * multiplier + m`), or none.
 * @param plan Plan of the same convolution with `channels: 1`.
 * @param output Bytes from plane to plane and from row to row of the output.
 */
export function packDepthwise(
  values: Float32Array,
  channels: number,
  multiplier: number,
  bias: Float32Array | undefined,
  plan: ConvolutionPlan,
  output: {readonly planeStride: number; readonly rowStride: number},
): PackedWeights<'depthwise'> {
  const outputs = channels * multiplier;
  const {shape, phases} = plan;
  const counts = new Uint32Array(outputs);
  let nonZeros = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    counts[i % outputs]!++;
    nonZeros++;
  }
  const records = HEADER + phases.length * PHASE;
  const entries = records + Math.ceil((outputs * RECORD) / 16) * 16;
  const {bytes, u32, f32} = sheetOf(entries + nonZeros * ENTRY);
  u32.set([
    ...[channels, multiplier, phases.length, shape.height, shape.width, shape.planeStride, shape.rowStride],
    ...[plan.rows, plan.columns, plan.scratchPlane, ...shape.strides],
    ...[plan.outHeight, plan.outWidth, output.planeStride, output.rowStride],
  ]);
  phases.forEach((phase, i) => {
    const at = (HEADER + i * PHASE) / 4;
    u32.set([shape.padding[0] - phase.row, shape.padding[2] - phase.column, phase.at], at);
  });
  const cursors = new Uint32Array(outputs);
  let entry = entries / 4;
  for (let o = 0; o < outputs; o++) {
    u32[(records + o * RECORD) / 4] = counts[o]!;
    f32[(records + o * RECORD) / 4 + 1] = bias?.[o] ?? 0;
    cursors[o] = entry;
    entry += (counts[o]! * ENTRY) / 4;
  }
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    const at = cursors[i % outputs]!;
    f32[at] = values[i]!;
    u32[at + 1] = plan.inputOffsets[Math.floor(i / outputs)]!;
    cursors[i % outputs] = at + ENTRY / 4;
  }
  return {kernel: 'depthwise', format: 'csr', bytes, nonZeros, multiplied: nonZeros};
}

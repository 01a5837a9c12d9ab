import {DEPTHWISE, DEPTHWISE_ENTRY, DEPTHWISE_ROW, PHASE} from './contract.generated.ts';
import type {ConvolutionPlan} from './convolution.ts';
import {countNonZeros, type PackedWeights, sheetOf} from './packed.ts';

/**
 * Packs the weights and the geometry of a depthwise convolution for the `depthwise1x16` kernel, whose scratch takes
 * `plan.scratchBytes` (one plane: the kernel lays them out one after the other) and whose output has no gaps unless
 * `output` says so.
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
): PackedWeights<'depthwise1x16'> {
  const outputs = channels * multiplier;
  const {shape, phases} = plan;
  // Nine taps have a loop of their own, whose weights stay in registers: worth more than a few zeros.
  const full = shape.kernelHeight * shape.kernelWidth === 9;
  const counts = new Uint32Array(outputs);
  let entryCount = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0 && !full) continue;
    counts[i % outputs]!++;
    entryCount++;
  }
  const records = DEPTHWISE.bytes + phases.length * PHASE.bytes;
  const entries = records + Math.ceil((outputs * DEPTHWISE_ROW.bytes) / 16) * 16;
  const {bytes, u32, f32} = sheetOf(entries + entryCount * DEPTHWISE_ENTRY.bytes);
  const [strideRows, strideColumns] = shape.strides;
  u32[DEPTHWISE.channels] = channels;
  u32[DEPTHWISE.multiplier] = multiplier;
  u32[DEPTHWISE.phases] = phases.length;
  u32[DEPTHWISE.xPlane] = shape.planeStride;
  u32[DEPTHWISE.xRow] = shape.rowStride;
  u32[DEPTHWISE.strideColumns] = strideColumns;
  u32[DEPTHWISE.scratchBytes] = plan.scratchBytes;
  u32[DEPTHWISE.scratchRow] = plan.outRow;
  u32[DEPTHWISE.outHeight] = plan.outHeight;
  u32[DEPTHWISE.outWidth] = plan.outWidth;
  u32[DEPTHWISE.yPlane] = output.planeStride;
  u32[DEPTHWISE.yRow] = output.rowStride;
  u32[DEPTHWISE.phaseRow] = shape.rowStride * strideRows;
  phases.forEach((phase, i) => {
    const rows = insideOf(shape.height, plan.rows, strideRows, shape.padding[0] - phase.row);
    const columns = insideOf(shape.width, plan.columns, strideColumns, shape.padding[2] - phase.column);
    const from = rows.from * shape.rowStride + columns.from * 4;
    const to = phase.at + rows.first * plan.outRow + columns.first * 4;
    const at = (DEPTHWISE.bytes + i * PHASE.bytes) / 4;
    u32[at + PHASE.from] = from;
    u32[at + PHASE.to] = to;
    u32[at + PHASE.rows] = rows.count;
    u32[at + PHASE.columns] = columns.count;
  });
  const cursors = new Uint32Array(outputs);
  let entry = entries / 4;
  for (let o = 0; o < outputs; o++) {
    const row = (records + o * DEPTHWISE_ROW.bytes) / 4;
    u32[row + DEPTHWISE_ROW.entries] = counts[o]!;
    f32[row + DEPTHWISE_ROW.bias] = bias?.[o] ?? 0;
    cursors[o] = entry;
    entry += (counts[o]! * DEPTHWISE_ENTRY.bytes) / 4;
  }
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0 && !full) continue;
    const at = cursors[i % outputs]!;
    f32[at + DEPTHWISE_ENTRY.weight] = values[i]!;
    u32[at + DEPTHWISE_ENTRY.input] = plan.inputOffsets[Math.floor(i / outputs)]!;
    cursors[i % outputs] = at + DEPTHWISE_ENTRY.bytes / 4;
  }
  return {kernel: 'depthwise1x16', format: 'csr', bytes, nonZeros: countNonZeros(values), multiplied: entryCount};
}

/**
 * Of `outSize` laid-out pixels, those that lie inside the input: the first, how many, and the input pixel of the first.
 */
function insideOf(
  size: number,
  outSize: number,
  stride: number,
  before: number,
): {readonly first: number; readonly count: number; readonly from: number} {
  const first = Math.min(outSize, Math.max(0, Math.ceil(before / stride)));
  const end = Math.max(first, Math.min(outSize, Math.ceil((size + before) / stride)));
  return {first, count: end - first, from: first * stride - before};
}

import {BLOCK, BLOCK_PIXELS, CSR_ENTRY, CSR_PIXELS, CSR_ROW, CSR_WIDE_TILE, GROUP} from './contract.generated.ts';
import {
  countNonZeros,
  longestFirst,
  type PackedWeights,
  type PixelsGeometry,
  type PixelsKernel,
  sheetOf,
  type WeightFormat,
  type WeightMatrix,
} from './packed.ts';

/** Bytes of the pixels of one tile of `csrPixels1x28`. */
const TILE_BYTES = CSR_WIDE_TILE * 4;
const BAND = 4;
const FIRST_LEVEL_BYTES = 65536;

/**
 * Packs weights for planes: 1x1 and k x k convolutions, dense layers over a batch.
 *
 * @param format `csr`, `block` or `dense`.
 * @param bias One float an output, or none.
 * @param geometry Input offset of each matrix row, stride of the output planes.
 */
export function packPixels(
  format: Exclude<WeightFormat, 'inputBlock'>,
  matrix: WeightMatrix,
  bias: Float32Array | undefined,
  geometry: PixelsGeometry,
): PackedWeights<PixelsKernel> {
  if (format === 'csr') return packCsr(matrix, bias, geometry);
  return format === 'block' ? packBlocks(matrix, bias, geometry) : packDense(matrix, bias, geometry);
}

function packCsr(
  {values, inputs, outputs}: WeightMatrix,
  bias: Float32Array | undefined,
  geometry: PixelsGeometry,
): PackedWeights<PixelsKernel> {
  const counts = new Uint32Array(outputs);
  for (let i = 0, at = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++, at++) if (values[at] !== 0) counts[o]!++;
  }
  const csr = csrSheet(counts, bias, geometry);
  for (let i = 0, at = 0; i < inputs; i++) {
    const offset = geometry.inputOffsets[i]!;
    for (let o = 0; o < outputs; o++, at++) if (values[at] !== 0) csr.push(o, values[at]!, offset);
  }
  return csr.packed();
}

interface CsrSheet {
  push(output: number, weight: number, offset: number): void;
  packed(): PackedWeights<PixelsKernel>;
}

function csrSheet(counts: Uint32Array, bias: Float32Array | undefined, geometry: PixelsGeometry): CsrSheet {
  let nonZeros = 0;
  for (const count of counts) nonZeros += count;
  const {bytes, u32, f32} = sheetOf(CSR_PIXELS.bytes + counts.length * CSR_ROW.bytes + nonZeros * CSR_ENTRY.bytes);
  const cursors = new Uint32Array(counts.length);
  const ahead = offsetsAhead(geometry.inputOffsets);
  u32[CSR_PIXELS.rows] = counts.length;
  u32[CSR_PIXELS.band] = bandOf(ahead.length, geometry.inputOffsets.length);
  let row = CSR_PIXELS.bytes / 4;
  let entry = (CSR_PIXELS.bytes + counts.length * CSR_ROW.bytes) / 4;
  let plane = 0;
  for (const output of longestFirst(counts)) {
    u32[row + CSR_ROW.entries] = counts[output]!;
    u32[row + CSR_ROW.output] = output * geometry.outputStride;
    f32[row + CSR_ROW.bias] = bias?.[output] ?? 0;
    u32[row + CSR_ROW.ahead] = ahead[plane]!;
    plane = (plane + 1) % ahead.length;
    cursors[output] = entry;
    row += CSR_ROW.bytes / 4;
    entry += (counts[output]! * CSR_ENTRY.bytes) / 4;
  }
  return {
    push(output, weight, offset) {
      const at = cursors[output]!;
      f32[at + CSR_ENTRY.weight] = weight;
      u32[at + CSR_ENTRY.input] = offset;
      cursors[output] = at + CSR_ENTRY.bytes / 4;
    },
    packed: () => ({kernel: 'csrPixels1x28', format: 'csr', bytes, nonZeros, multiplied: nonZeros}),
  };
}

/**
 * Offsets whose pixels are worth fetching a tile early: those no other offset will have read by then. The last kernel
 * position comes first, since what it reads serves the others later.
 */
function offsetsAhead(offsets: Uint32Array): Uint32Array {
  const sorted = offsets.slice().sort();
  const kept = new Set<number>();
  for (let i = 0; i < sorted.length; i++) {
    const next = sorted[i + 1];
    if (next === undefined || next - sorted[i]! > TILE_BYTES) kept.add(sorted[i]!);
  }
  return offsets.filter(offset => kept.has(offset)).reverse();
}

/**
 * Tiles that a row writes one after the other, so that cache lines are written whole. A k x k convolution reads its
 * inputs several times a tile: its band must stay in a first-level cache.
 */
function bandOf(streams: number, inputs: number): number {
  return streams === inputs || streams * (BAND * TILE_BYTES + 64) <= FIRST_LEVEL_BYTES ? BAND : 1;
}

function packBlocks(
  {values, inputs, outputs}: WeightMatrix,
  bias: Float32Array | undefined,
  geometry: PixelsGeometry,
): PackedWeights<PixelsKernel> {
  const groups = Math.ceil(outputs / 4);
  const counts = new Uint32Array(groups);
  for (let i = 0; i < inputs; i++) {
    for (let g = 0; g < groups; g++) if (hasBlock(values, i * outputs, g * 4, outputs)) counts[g]!++;
  }
  let blocks = 0;
  for (const count of counts) blocks += count;
  const {bytes, u32, f32} = sheetOf(BLOCK_PIXELS.bytes + groups * GROUP.bytes + blocks * BLOCK.bytes);
  const cursors = new Uint32Array(groups);
  u32[BLOCK_PIXELS.groups] = groups;
  let record = BLOCK_PIXELS.bytes / 4;
  let block = (BLOCK_PIXELS.bytes + groups * GROUP.bytes) / 4;
  for (const g of longestFirst(counts)) {
    u32[record + GROUP.blocks] = counts[g]!;
    writeGroup(u32, f32, record, g, outputs, bias, geometry);
    cursors[g] = block;
    record += GROUP.bytes / 4;
    block += (counts[g]! * BLOCK.bytes) / 4;
  }
  for (let i = 0; i < inputs; i++) {
    for (let g = 0; g < groups; g++) {
      if (!hasBlock(values, i * outputs, g * 4, outputs)) continue;
      const at = cursors[g]!;
      u32[at + BLOCK.input] = geometry.inputOffsets[i]!;
      for (let lane = 0; lane < 4; lane++)
        f32[at + BLOCK.weight + lane] = values[i * outputs + outputOf(g, lane, outputs)]!;
      cursors[g] = at + BLOCK.bytes / 4;
    }
  }
  return {kernel: 'blockPixels4x8', format: 'block', bytes, nonZeros: countNonZeros(values), multiplied: blocks * 4};
}

function packDense(
  {values, inputs, outputs}: WeightMatrix,
  bias: Float32Array | undefined,
  geometry: PixelsGeometry,
): PackedWeights<PixelsKernel> {
  const groups = Math.ceil(outputs / 4);
  const {bytes, u32, f32} = sheetOf(BLOCK_PIXELS.bytes + groups * GROUP.bytes + inputs * 4 + groups * inputs * 16);
  u32[BLOCK_PIXELS.groups] = groups;
  u32[BLOCK_PIXELS.inputs] = inputs;
  let at = BLOCK_PIXELS.bytes / 4;
  for (let g = 0; g < groups; g++, at += GROUP.bytes / 4) {
    u32[at + GROUP.blocks] = inputs;
    writeGroup(u32, f32, at, g, outputs, bias, geometry);
  }
  u32.set(geometry.inputOffsets.subarray(0, inputs), at);
  at += inputs;
  for (let g = 0; g < groups; g++) {
    for (let i = 0; i < inputs; i++) {
      for (let lane = 0; lane < 4; lane++) f32[at++] = values[i * outputs + outputOf(g, lane, outputs)]!;
    }
  }
  return {
    kernel: 'densePixels4x8',
    format: 'dense',
    bytes,
    nonZeros: countNonZeros(values),
    multiplied: groups * inputs * 4,
  };
}

/** The output of a lane; lanes past the last output repeat it, so that they write what it writes. */
function outputOf(group: number, lane: number, outputs: number): number {
  return Math.min(group * 4 + lane, outputs - 1);
}

function writeGroup(
  u32: Uint32Array,
  f32: Float32Array,
  record: number,
  group: number,
  outputs: number,
  bias: Float32Array | undefined,
  geometry: PixelsGeometry,
): void {
  for (let lane = 0; lane < 4; lane++) {
    const output = outputOf(group, lane, outputs);
    u32[record + GROUP.output + lane] = output * geometry.outputStride;
    f32[record + GROUP.bias + lane] = bias?.[output] ?? 0;
  }
}

function hasBlock(values: Float32Array, row: number, first: number, outputs: number): boolean {
  const end = row + Math.min(first + 4, outputs);
  for (let at = row + first; at < end; at++) if (values[at] !== 0) return true;
  return false;
}

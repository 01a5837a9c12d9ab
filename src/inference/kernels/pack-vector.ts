import {DENSE_VECTOR, SLAB, SLAB_INPUTS, VECTOR, VECTOR_ROW} from './contract.generated.ts';
import {
  countNonZeros,
  longestFirst,
  type PackedWeights,
  sheetOf,
  type VectorKernel,
  type WeightFormat,
  type WeightMatrix,
} from './packed.ts';

/**
 * How a sparse format cuts a matrix: a row of units per `perRow` outputs; a unit has four weights and `indices`
 * offsets.
 */
interface Cut {
  readonly kernel: VectorKernel;
  readonly outputsPerRow: 1 | 4;
  readonly inputsPerUnit: 1 | 4;
}

const CUTS: Readonly<Record<'csr' | 'block' | 'inputBlock', Cut>> = {
  csr: {kernel: 'csrVector1x4', outputsPerRow: 1, inputsPerUnit: 1},
  block: {kernel: 'blockVector4x1', outputsPerRow: 4, inputsPerUnit: 1},
  inputBlock: {kernel: 'inputBlockVector1x4', outputsPerRow: 1, inputsPerUnit: 4},
};

/**
 * Packs weights for one feature vector at a time: dense layers at batch 1, recurrent kernels.
 *
 * @param bias One float an output, or none.
 */
export function packVector(
  format: WeightFormat,
  matrix: WeightMatrix,
  bias: Float32Array | undefined,
): PackedWeights<VectorKernel> {
  return format === 'dense' ? packDense(matrix, bias) : packSparse(format, matrix, bias);
}

function packDense(
  {values, inputs, outputs}: WeightMatrix,
  bias: Float32Array | undefined,
): PackedWeights<VectorKernel> {
  const groups = Math.ceil(outputs / 4);
  const {bytes, u32, f32} = sheetOf(DENSE_VECTOR.bytes + groups * 16 + groups * inputs * 16);
  u32[DENSE_VECTOR.groups] = groups;
  u32[DENSE_VECTOR.inputs] = inputs;
  if (bias) f32.set(bias, DENSE_VECTOR.bytes / 4);
  const start = DENSE_VECTOR.bytes / 4 + groups * 4;
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) f32[start + ((o >> 2) * inputs + i) * 4 + (o & 3)] = values[i * outputs + o]!;
  }
  return {
    kernel: 'denseVector4x1',
    format: 'dense',
    bytes,
    nonZeros: countNonZeros(values),
    multiplied: groups * inputs * 4,
  };
}

/** The parts of one slab: how many units each row has, in which order rows are stored, and where. */
interface SlabPlan {
  readonly first: number;
  readonly end: number;
  readonly counts: Uint32Array;
  readonly order: Uint32Array;
  readonly units: number;
  readonly at: number;
  readonly weightsAt: number;
  readonly indicesAt: number;
  readonly next: number;
}

function packSparse(
  format: 'csr' | 'block' | 'inputBlock',
  matrix: WeightMatrix,
  bias: Float32Array | undefined,
): PackedWeights<VectorKernel> {
  const {values, inputs, outputs} = matrix;
  const cut = CUTS[format];
  const biasBytes = Math.ceil(outputs / 4) * 16;
  const slabs: SlabPlan[] = [];
  let at = VECTOR.bytes + biasBytes;
  for (let first = 0; first < inputs; first += SLAB_INPUTS) {
    const slab = planSlab(cut, matrix, first, Math.min(inputs, first + SLAB_INPUTS), at);
    slabs.push(slab);
    at = slab.next;
  }
  const {bytes, u16, u32, f32} = sheetOf(at);
  u32[VECTOR.slabs] = slabs.length;
  u32[VECTOR.biasBytes] = biasBytes;
  if (bias) f32.set(bias, VECTOR.bytes / 4);
  let multiplied = 0;
  for (const slab of slabs) {
    multiplied += slab.units * 4;
    const rows = slab.order.length;
    const header = slab.at / 4;
    u32[header + SLAB.rows] = rows;
    u32[header + SLAB.inputOffset] = slab.first * 4;
    u32[header + SLAB.inputBytes] = Math.ceil((slab.end - slab.first) / 4) * 16;
    u32[header + SLAB.weightsAt] = slab.weightsAt;
    u32[header + SLAB.indicesAt] = slab.indicesAt;
    u32[header + SLAB.next] = slab.next;
    const cursors = new Uint32Array(rows);
    const indicesPerUnit = cut.outputsPerRow === 1 && cut.inputsPerUnit === 1 ? 4 : 1;
    let record = (slab.at + SLAB.bytes) / 4;
    let unit = 0;
    for (const row of slab.order) {
      u32[record + VECTOR_ROW.units] = slab.counts[row]!;
      u32[record + VECTOR_ROW.output] = row * cut.outputsPerRow * 4;
      cursors[row] = unit;
      unit += slab.counts[row]!;
      record += VECTOR_ROW.bytes / 4;
    }
    if (format === 'csr') writeEntries(matrix, slab, cursors, f32, u16);
    else writeBlocks(matrix, cut, slab, cursors, f32, u16, indicesPerUnit);
  }
  return {kernel: cut.kernel, format, bytes, nonZeros: countNonZeros(values), multiplied};
}

function planSlab(cut: Cut, matrix: WeightMatrix, first: number, end: number, at: number): SlabPlan {
  const counts = new Uint32Array(Math.ceil(matrix.outputs / cut.outputsPerRow));
  for (let i = first; i < end; i += cut.inputsPerUnit) {
    for (let row = 0; row < counts.length; row++) if (hasUnit(matrix, cut, i, end, row)) counts[row]!++;
  }
  const isCsr = cut.outputsPerRow === 1 && cut.inputsPerUnit === 1;
  let units = 0;
  for (let row = 0; row < counts.length; row++) {
    if (isCsr) counts[row] = Math.ceil(counts[row]! / 4);
    units += counts[row]!;
  }
  const weightsAt = Math.ceil((at + SLAB.bytes + counts.length * VECTOR_ROW.bytes) / 16) * 16;
  const indicesAt = weightsAt + units * 16;
  const next = Math.ceil((indicesAt + units * (isCsr ? 8 : 2)) / 16) * 16;
  return {first, end, counts, order: longestFirst(counts), units, at, weightsAt, indicesAt, next};
}

function hasUnit({values, outputs}: WeightMatrix, cut: Cut, input: number, end: number, row: number): boolean {
  const lastInput = Math.min(input + cut.inputsPerUnit, end);
  const firstOutput = row * cut.outputsPerRow;
  const lastOutput = Math.min(firstOutput + cut.outputsPerRow, outputs);
  for (let i = input; i < lastInput; i++) {
    for (let o = firstOutput; o < lastOutput; o++) if (values[i * outputs + o] !== 0) return true;
  }
  return false;
}

function writeEntries(
  {values, outputs}: WeightMatrix,
  slab: SlabPlan,
  cursors: Uint32Array,
  f32: Float32Array,
  u16: Uint16Array,
): void {
  const weights = slab.weightsAt / 4;
  const indices = slab.indicesAt / 2;
  const ends = new Uint32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    ends[o] = (cursors[o]! + slab.counts[o]!) * 4;
    cursors[o]! *= 4;
  }
  for (let i = slab.first, at = slab.first * outputs; i < slab.end; i++) {
    for (let o = 0; o < outputs; o++, at++) {
      if (values[at] === 0) continue;
      f32[weights + cursors[o]!] = values[at]!;
      u16[indices + cursors[o]!] = (i - slab.first) * 4;
      cursors[o]!++;
    }
  }
  // What fills up the last unit of a row reads what the row reads anyway, so that it spreads no foreign infinity.
  for (let o = 0; o < outputs; o++) {
    for (let at = cursors[o]!; at < ends[o]!; at++) u16[indices + at] = u16[indices + at - 1]!;
  }
}

function writeBlocks(
  matrix: WeightMatrix,
  cut: Cut,
  slab: SlabPlan,
  cursors: Uint32Array,
  f32: Float32Array,
  u16: Uint16Array,
  indicesPerUnit: number,
): void {
  const {values, outputs} = matrix;
  for (let i = slab.first; i < slab.end; i += cut.inputsPerUnit) {
    for (let row = 0; row < cursors.length; row++) {
      if (!hasUnit(matrix, cut, i, slab.end, row)) continue;
      const unit = cursors[row]!++;
      u16[slab.indicesAt / 2 + unit * indicesPerUnit] = (i - slab.first) * 4;
      for (let lane = 0; lane < 4; lane++) {
        const input = cut.inputsPerUnit === 4 ? i + lane : i;
        const output = cut.outputsPerRow === 4 ? row * 4 + lane : row;
        if (input < slab.end && output < outputs) {
          f32[slab.weightsAt / 4 + unit * 4 + lane] = values[input * outputs + output]!;
        }
      }
    }
  }
}

import {planeStrideOf} from './memory.ts';
import type {Kernels} from './signatures.generated.ts';

/** A convolution (or depthwise convolution) of planes; sizes in pixels, padding resolved to four numbers. */
export interface ConvolutionShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strides: readonly [rows: number, columns: number];
  readonly dilations: readonly [rows: number, columns: number];
  readonly padding: readonly [top: number, bottom: number, left: number, right: number];
  /** Bytes from plane to plane of the input, and from row to row. */
  readonly planeStride: number;
  readonly rowStride: number;
}

/**
 * How to run it: lay out the input when `phases` is not empty, run a `...Pixels` kernel, read the output by its
 * strides.
 */
export interface ConvolutionPlan {
  readonly shape: ConvolutionShape;
  readonly outHeight: number;
  readonly outWidth: number;
  /** Bytes of scratch for the laid-out input; 0: the kernel reads the input itself. */
  readonly scratchBytes: number;
  /** Calls of `pad`, one a phase of the strides that the kernel touches. */
  readonly phases: readonly {readonly row: number; readonly column: number; readonly at: number}[];
  /** Rows and columns of a laid-out plane and bytes from plane to plane. */
  readonly rows: number;
  readonly columns: number;
  readonly scratchPlane: number;
  /** Bytes from the kernel's `x` to what `[kernelRow, kernelColumn, channel]` multiplies: for `packPixels`. */
  readonly inputOffsets: Uint32Array;
  /** The `pixels` argument: rows of `outRow / 4` pixels of which `outWidth` have meaning. */
  readonly pixels: number;
  /** Bytes from row to row of the kernel's output. */
  readonly outRow: number;
  /**
   * Bytes from plane to plane that the kernel's output needs at least; an output with `outRow == outWidth * 4` is
   * compact.
   */
  readonly outPlane: number;
}

/**
 * Lays a k x k convolution out as the product of a matrix with shifted pixels. The padded input is one long row of
 * pixels a channel, so that every kernel position is a constant offset; strided convolutions split it into one image
 * for each phase of the stride. Rows share their padding: the gap after a row is the gap before the next. Output rows
 * are as wide as padded input rows; the pixels past `outWidth` have no meaning.
 */
export function planConvolution(shape: ConvolutionShape): ConvolutionPlan {
  const {channels, height, width, kernelHeight, kernelWidth, strides, dilations, padding} = shape;
  const [top, bottom, left, right] = padding;
  const reachRows = (kernelHeight - 1) * dilations[0];
  const reachColumns = (kernelWidth - 1) * dilations[1];
  const outHeight = Math.floor((height + top + bottom - reachRows - 1) / strides[0]) + 1;
  const outWidth = Math.floor((width + left + right - reachColumns - 1) / strides[1]) + 1;
  const direct = top + bottom + left + right === 0 && strides[0] === 1 && (strides[1] === 1 || outWidth === 1);
  if (direct) return directPlan(shape, outHeight, outWidth);

  const columns =
    strides[1] === 1
      ? Math.max(width + Math.max(left, right), outWidth)
      : outWidth + Math.floor(reachColumns / strides[1]);
  const rows = outHeight + Math.floor(reachRows / strides[0]);
  // The last row's right padding lies behind the plane's last pixel.
  const scratchPlane = planeStrideOf(rows * columns + left + right);
  const phases: {row: number; column: number; at: number}[] = [];
  const phaseAt = new Map<string, number>();
  const inputOffsets = new Uint32Array(kernelHeight * kernelWidth * channels);
  for (let ky = 0, at = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      const y = ky * dilations[0];
      const x = kx * dilations[1];
      const phase = {row: y % strides[0], column: x % strides[1], at: phases.length * channels * scratchPlane};
      const key = `${phase.row},${phase.column}`;
      if (!phaseAt.has(key)) {
        phaseAt.set(key, phase.at);
        phases.push(phase);
      }
      const offset = phaseAt.get(key)! + (Math.floor(y / strides[0]) * columns + Math.floor(x / strides[1])) * 4;
      for (let c = 0; c < channels; c++, at++) inputOffsets[at] = offset + c * scratchPlane;
    }
  }
  const pixels = (outHeight - 1) * columns + outWidth;
  return {
    shape,
    outHeight,
    outWidth,
    scratchBytes: phases.length * channels * scratchPlane,
    phases,
    rows,
    columns,
    scratchPlane,
    inputOffsets,
    pixels,
    outRow: columns * 4,
    outPlane: planeStrideOf(pixels),
  };
}

function directPlan(shape: ConvolutionShape, outHeight: number, outWidth: number): ConvolutionPlan {
  const {channels, kernelHeight, kernelWidth, dilations, planeStride, rowStride} = shape;
  const inputOffsets = new Uint32Array(kernelHeight * kernelWidth * channels);
  for (let ky = 0, at = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      for (let c = 0; c < channels; c++, at++) {
        inputOffsets[at] = ky * dilations[0] * rowStride + kx * dilations[1] * 4 + c * planeStride;
      }
    }
  }
  const pixels = (outHeight - 1) * (rowStride / 4) + outWidth;
  return {
    shape,
    outHeight,
    outWidth,
    scratchBytes: 0,
    phases: [],
    rows: shape.height,
    columns: rowStride / 4,
    scratchPlane: planeStride,
    inputOffsets,
    pixels,
    outRow: rowStride,
    outPlane: planeStrideOf(pixels),
  };
}

/** The arguments of `pad` after its two offsets, for one phase of a plan. */
export function padGeometry(
  plan: ConvolutionPlan,
  phase: ConvolutionPlan['phases'][number],
): [
  ...[planes: number, height: number, width: number, xPlane: number, xRow: number],
  ...[outRows: number, outColumns: number, yPlane: number],
  ...[strideRows: number, strideColumns: number, top: number, left: number, value: number],
] {
  const {channels, height, width, planeStride, rowStride, strides, padding} = plan.shape;
  return [
    ...([channels, height, width, planeStride, rowStride] as const),
    ...([plan.rows, plan.columns, plan.scratchPlane] as const),
    ...([...strides, padding[0] - phase.row, padding[2] - phase.column, 0] as const),
  ];
}

/** Lays out the input at `x` in the scratch at `scratch`; a plan without phases needs none of it. */
export function padInput(kernels: Kernels, plan: ConvolutionPlan, x: number, scratch: number): void {
  for (const phase of plan.phases) kernels.pad(x, scratch + phase.at, ...padGeometry(plan, phase));
}

import type {Shape} from '../graph/tensor.ts';
import {sizeOf} from '../graph/tensor.ts';
import {alignedBytes, planeStrideOf} from './kernels/index.ts';

/** A stretch of the engine's memory; the memory plan says where. */
export interface Region {
  readonly bytes: number;
  /** Byte offset in memory, set by the memory plan. */
  offset: number;
  /** First and last op that needs its content; -1 is the input, `Infinity` the output. */
  first: number;
  last: number;
}

/**
 * How the numbers of a tensor lie in memory:
 * - `flat`: as in the graph, channels last, without gaps within an instance;
 * - `planes`: one plane a channel, its pixels in the order of the other dimensions; rows may have gaps behind them;
 * - `columns`: vectors alone: one row a feature, its entries the instances of the whole batch.
 */
export type Layout = 'flat' | 'planes' | 'columns';

/**
 * Where the numbers of a tensor are: element `[i, j, ...]` of instance `n` at `at + n * instance + i * strides[0] +
 * ...`.
 */
export interface Value {
  readonly region: Region;
  readonly layout: Layout;
  readonly shape: Shape;
  /** Bytes from instance to instance. */
  readonly instance: number;
  /** Bytes from index to index of each dimension. */
  readonly strides: readonly number[];
}

/** Layout, strides and bytes of a value, before it has a place. */
export interface Arrangement extends Omit<Value, 'region'> {
  /** Bytes for all instances. */
  readonly bytes: number;
}

/** Numbers in graph order, each instance aligned. */
export function flat(shape: Shape, instances: number): Arrangement {
  const instance = alignedBytes(sizeOf(shape) * 4);
  return {layout: 'flat', shape, instance, strides: rowMajor(shape, 4), bytes: instance * instances};
}

/** One plane for each entry of the last dimension; `row` bytes from row to row of an image, by default without gaps. */
export function planes(shape: Shape, instances: number, row?: number, plane?: number): Arrangement {
  const channels = shape.at(-1)!;
  const pixels = shape.slice(0, -1);
  const strides = rowMajor(pixels, 4);
  if (row !== undefined && pixels.length === 2) strides[0] = row;
  const stride = plane ?? planeStrideOf(pixels.length === 2 ? (pixels[0]! * strides[0]!) / 4 : sizeOf(pixels));
  const instance = alignedBytes(stride * channels);
  return {layout: 'planes', shape, instance, strides: [...strides, stride], bytes: instance * instances};
}

/** Vectors side by side, so that a batch of them is one image. */
export function columns(shape: Shape, instances: number): Arrangement {
  const stride = planeStrideOf(instances);
  return {layout: 'columns', shape, instance: 4, strides: [stride], bytes: stride * sizeOf(shape)};
}

/** Strides of consecutive numbers, the last dimension's being `unit` bytes. */
export function rowMajor(shape: Shape, unit: number): number[] {
  const strides = new Array<number>(shape.length);
  let stride = unit;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

/** Bytes from plane to plane. */
export function planeOf(value: Value | Arrangement): number {
  return value.strides.at(-1)!;
}

/** Floats from the first to behind the last of a plane, the gaps behind rows included. */
export function planeFloats(value: Value | Arrangement): number {
  const {shape, strides} = value;
  return shape.length === 3 ? ((shape[0]! - 1) * strides[0]!) / 4 + shape[1]! : sizeOf(shape.slice(0, -1));
}

/** Whether the rows of an image have no gaps behind them. */
export function isCompact(value: Value): boolean {
  return value.layout !== 'planes' || value.shape.length !== 3 || value.strides[0] === value.shape[1]! * 4;
}

import type {Weight} from '../../graph/tensor.ts';
import {countFormats} from '../choose.ts';
import type {PixelsGeometry, PixelsKernel, VectorKernel, WeightMatrix} from '../kernels/index.ts';
import {packPixels, packVector} from '../kernels/index.ts';
import type {Emitter} from '../program/emitter.ts';
import {at, instanceOf} from '../program/instruction.ts';
import type {Value} from '../value.ts';
import type {Lowering, Placed} from './lowering.ts';

/** A product by trained weights: what is multiplied, and how often for one example. */
export interface Product {
  /** The trained kernel: products by the same one that lie alike share its packed form. */
  readonly source: Weight;
  readonly matrix: WeightMatrix;
  /** One number an output. */
  readonly bias: Float32Array | null;
  /** Tells apart different matrices and layouts of one kernel. */
  readonly variant: string;
  readonly uses: number;
}

/** Bounds a kernel holds its outputs between. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Places the weights of a product over one vector at a time. */
export function vectorProduct(lowering: Lowering, product: Product): Placed<VectorKernel> {
  const {source, matrix, bias, variant, uses} = product;
  return lowering.weights({data: source.data, bias, variant: `vector ${variant}`, uses}, matrix.values.length, () => {
    const pack = (format: Parameters<typeof packVector>[0]) => packVector(format, matrix, bias ?? undefined);
    return pack(lowering.choose({counts: countFormats(matrix), matrix, geometry: null, pixels: 1, pack}));
  });
}

/** Places the weights of a product over `pixels` pixels of planes. */
export function pixelProduct(
  lowering: Lowering,
  product: Product,
  geometry: PixelsGeometry,
  pixels: number,
): Placed<PixelsKernel> {
  const {source, matrix, bias, variant, uses} = product;
  return lowering.weights({data: source.data, bias, variant: `pixels ${variant}`, uses}, matrix.values.length, () => {
    const pack = (format: Parameters<typeof packPixels>[0]) => packPixels(format, matrix, bias ?? undefined, geometry);
    const format = lowering.choose({
      counts: countFormats(matrix),
      matrix,
      geometry,
      pixels,
      pack: pack as (format: Parameters<typeof packVector>[0]) => ReturnType<typeof pack>,
    });
    return pack(format as Parameters<typeof packPixels>[0]);
  });
}

/** Vector by vector: calls of a `...Vector` kernel for every instance. */
export function eachVector(
  emitter: Emitter,
  {region, kernel}: Placed<VectorKernel>,
  x: Value,
  y: Value,
  instances: number,
  {low, high}: Bounds,
): void {
  emitter.each(instances, i => emitter.call(kernel, at(region), instanceOf(x, i), instanceOf(y, i), low, high));
}

/** Image by image: calls of a `...Pixels` kernel over `pixels` pixels of every instance. */
export function eachImage(
  emitter: Emitter,
  {region, kernel}: Placed<PixelsKernel>,
  x: Value,
  y: Value,
  instances: number,
  pixels: number,
  {low, high}: Bounds,
): void {
  emitter.each(instances, i => emitter.call(kernel, at(region), instanceOf(x, i), instanceOf(y, i), pixels, low, high));
}

/** All instances at once: the call of a `...Pixels` kernel over columns, whose pixels are the batch. */
export function wholeBatch(
  emitter: Emitter,
  {region, kernel}: Placed<PixelsKernel>,
  x: Value,
  y: Value,
  instances: number,
  {low, high}: Bounds,
): void {
  emitter.call(kernel, at(region), at(x.region), at(y.region), emitter.perExample(instances), low, high);
}

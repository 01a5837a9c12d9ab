import {describe, expect, test} from 'vitest';
import {
  type ConvolutionShape,
  type KernelVariant,
  packDepthwise,
  packPixels,
  packVector,
  padInput,
  planConvolution,
  planeStrideOf,
} from '../../src/inference/kernels/index.ts';
import type {Dice} from '../../testing/dice.ts';
import {type Bench, difference, makeBench, sourceOf, UNTOUCHED} from './bench.ts';

const TOLERANCE = 1e-5;
/** Counts of pixels with every remainder of the kernels' tiles (28, 16, 8 and 4 pixels) and bands (112). */
const PIXELS = [...Array.from({length: 60}, (_, i) => i + 1), 111, 112, 113, 128, 130, 140, 252];

/** Every product of weights and activations against plain loops over doubles. */
export function testProducts(variant: KernelVariant): void {
  describe('two matrices of activations', () => {
    test('of all remainders, however they lie, nothing else touched', async () => {
      const source = sourceOf(15);
      for (let round = 0; round < 60; round++) {
        const bench = await makeBench(variant);
        const [rows, columns] = [source.whole(1, 11), source.whole(1, 19)];
        const inputs = round % 12 === 0 ? source.whole(1020, 2100) : source.whole(1, 40);
        const a = source.floats(rows * inputs);
        const b = source.floats(inputs * columns);
        const steps = (high: number, wide: number): [number, number] =>
          source.chance(0.5) ? [4, high * 4] : [wide * 4, 4];
        const [aSteps, bSteps] = [steps(rows, inputs), steps(inputs, columns)];
        const ySteps = source.chance(0.7) ? [(columns + 1) * 4, 4] : [4, (rows + 1) * 4];
        const size = ySteps[1] === 4 ? rows * (columns + 1) : columns * (rows + 1);
        const y = bench.room(size);
        const operands = [bench.put(a), bench.put(b), y, rows, columns, inputs] as const;
        bench.kernels.matmul4x8(...operands, ...aSteps, ...bSteps, ...(ySteps as [number, number]));
        const expected = new Float64Array(size).fill(UNTOUCHED);
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            let sum = 0;
            for (let i = 0; i < inputs; i++)
              sum += a[(row * aSteps[0] + i * aSteps[1]) / 4]! * b[(i * bSteps[0] + column * bSteps[1]) / 4]!;
            expected[(row * ySteps[0]! + column * ySteps[1]!) / 4] = sum;
          }
        }
        const got = bench.get(y, size);
        const inside = expected.map(value => (value === UNTOUCHED ? 0 : value));
        expect(got.every((value, i) => (value === Math.fround(UNTOUCHED)) === (expected[i] === UNTOUCHED))).toBe(true);
        expect(
          difference(
            got.map(value => (value === Math.fround(UNTOUCHED) ? 0 : value)),
            inside,
          ),
        ).toBeLessThan(TOLERANCE);
      }
    });
  });

  describe('one feature vector', () => {
    for (const format of ['csr', 'block', 'inputBlock', 'dense'] as const) {
      test(format, async () => {
        const source = sourceOf(11);
        for (let round = 0; round < 40; round++) {
          const bench = await makeBench(variant);
          const inputs = source.whole(1, 90);
          const outputs = source.whole(1, 70);
          const sparsity = [0, 0.5, 0.9, 1][round % 4]!;
          const values = source.floats(inputs * outputs, sparsity);
          const bias = round % 3 === 0 ? undefined : source.floats(outputs);
          const packed = packVector(format, {values, inputs, outputs}, bias);
          const x = source.floats(inputs);
          const y = bench.room(outputs);
          const [low, high] = round % 2 ? [-Infinity, Infinity] : [0, 0.7];
          bench.kernels[packed.kernel](bench.put(packed.bytes), bench.put(x), y, low, high);
          const expected = product(values, x, bias, inputs, outputs).map(v => Math.min(high, Math.max(low, v)));
          expect(difference(bench.get(y, outputs), expected)).toBeLessThan(TOLERANCE);
          expect(packed.nonZeros).toBe(values.filter(v => v !== 0).length);
        }
      });
    }

    test('more inputs than 16 bits of offset reach', async () => {
      const source = sourceOf(12);
      const [inputs, outputs] = [33000, 5];
      const values = source.floats(inputs * outputs, 0.97);
      const bias = source.floats(outputs);
      const x = source.floats(inputs);
      for (const format of ['csr', 'block', 'inputBlock'] as const) {
        const bench = await makeBench(variant);
        const packed = packVector(format, {values, inputs, outputs}, bias);
        const y = bench.room(outputs);
        bench.kernels[packed.kernel](bench.put(packed.bytes), bench.put(x), y, 0, Infinity);
        const expected = product(values, x, bias, inputs, outputs).map(v => Math.max(0, v));
        expect(difference(bench.get(y, outputs), expected)).toBeLessThan(TOLERANCE);
      }
    });
  });

  describe('planes', () => {
    for (const format of ['csr', 'block', 'dense'] as const) {
      test(`${format}: every remainder of pixels, other planes untouched`, async () => {
        const source = sourceOf(13);
        for (const pixels of PIXELS) {
          const bench = await makeBench(variant);
          const inputs = source.whole(1, 20);
          const outputs = source.whole(1, 19);
          const values = source.floats(inputs * outputs, pixels % 2 ? 0.8 : 0.2);
          const bias = source.floats(outputs);
          const stride = planeStrideOf(pixels);
          const inputOffsets = Uint32Array.from({length: inputs}, (_, i) => i * stride);
          const packed = packPixels(format, {values, inputs, outputs}, bias, {inputOffsets, outputStride: stride});
          const x = source.floats((inputs * stride) / 4);
          const y = bench.room((outputs * stride) / 4 + 1);
          bench.kernels[packed.kernel](bench.put(packed.bytes), bench.put(x), y, pixels, -1, 1);
          for (let p = 0; p < pixels; p++) {
            const column = Float32Array.from({length: inputs}, (_, i) => x[(i * stride) / 4 + p]!);
            const expected = product(values, column, bias, inputs, outputs).map(v => Math.min(1, Math.max(-1, v)));
            const actual = Float32Array.from({length: outputs}, (_, o) => bench.get(y + o * stride + p * 4, 1)[0]!);
            expect(difference(actual, expected)).toBeLessThan(TOLERANCE);
          }
          expect(bench.get(y + outputs * stride, 1)[0]).toBeGreaterThan(1e29);
        }
      });

      test(`${format}: convolutions`, async () => {
        const source = sourceOf(14);
        for (let round = 0; round < 40; round++) {
          const bench = await makeBench(variant);
          const shape = randomShape(source);
          const outputs = source.whole(1, 9);
          const inputs = shape.kernelHeight * shape.kernelWidth * shape.channels;
          const values = source.floats(inputs * outputs, 0.6);
          const bias = source.floats(outputs);
          const {plan, image, x} = lay(bench, source, shape);
          const packed = packPixels(format, {values, inputs, outputs}, bias, {
            inputOffsets: plan.inputOffsets,
            outputStride: plan.outPlane,
          });
          const y = run(bench, plan, packed, x, outputs);
          const weight = (ky: number, kx: number, c: number, o: number) =>
            values[((ky * shape.kernelWidth + kx) * shape.channels + c) * outputs + o]!;
          const expected = convolve(shape, image, outputs, bias, plan.outHeight, plan.outWidth, weight);
          expect(difference(y, expected), JSON.stringify(shape)).toBeLessThan(TOLERANCE);
        }
      });
    }

    test('depthwise convolutions', async () => {
      const source = sourceOf(15);
      for (let round = 0; round < 40; round++) {
        const bench = await makeBench(variant);
        const shape = randomShape(source);
        const multiplier = source.whole(1, 3);
        const outputs = shape.channels * multiplier;
        const values = source.floats(shape.kernelHeight * shape.kernelWidth * outputs, 0.3);
        const bias = round % 2 ? source.floats(outputs) : undefined;
        const {image, x} = lay(bench, source, shape);
        const plan = planConvolution({...shape, channels: 1});
        const [rowStride, gap] = [(plan.outWidth + source.whole(0, 2)) * 4, 16 * source.whole(0, 1)];
        const planeStride = plan.outHeight * rowStride + gap;
        const packed = packDepthwise(values, shape.channels, multiplier, bias, plan, {planeStride, rowStride});
        const at = bench.room((outputs * planeStride) / 4);
        const scratch = bench.room(plan.scratchBytes / 4);
        bench.kernels.depthwise1x16(bench.put(packed.bytes), x, at, scratch, -2, 2);
        const y = new Float32Array(outputs * plan.outHeight * plan.outWidth);
        for (let row = 0; row < outputs * plan.outHeight; row++) {
          const [o, oy] = [Math.floor(row / plan.outHeight), row % plan.outHeight];
          y.set(bench.get(at + o * planeStride + oy * rowStride, plan.outWidth), row * plan.outWidth);
        }
        const weight = (ky: number, kx: number, c: number, o: number) =>
          Math.floor(o / multiplier) === c ? values[(ky * shape.kernelWidth + kx) * outputs + o]! : 0;
        const expected = convolve(shape, image, outputs, bias, plan.outHeight, plan.outWidth, weight).map(v =>
          Math.min(2, Math.max(-2, v)),
        );
        expect(difference(y, expected), JSON.stringify(shape)).toBeLessThan(TOLERANCE);
      }
    });
  });
}

function product(
  values: Float32Array,
  x: Float32Array,
  bias: Float32Array | undefined,
  inputs: number,
  outputs: number,
): Float64Array {
  const y = Float64Array.from({length: outputs}, (_, o) => bias?.[o] ?? 0);
  for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) y[o]! += values[i * outputs + o]! * x[i]!;
  return y;
}

/** A convolution of any kernel, stride, dilation and padding that leaves at least one output pixel. */
function randomShape(source: Dice): ConvolutionShape {
  for (;;) {
    const [height, width] = [source.whole(1, 13), source.whole(1, 40)];
    const [kernelHeight, kernelWidth] = [source.whole(1, 4), source.whole(1, 4)];
    const dilations = [source.whole(1, 2), source.whole(1, 3)] as const;
    const padding = source.next() < 0.3 ? ([0, 0, 0, 0] as const) : randomPadding(source);
    const rows = height + padding[0] + padding[1] - (kernelHeight - 1) * dilations[0];
    const columns = width + padding[2] + padding[3] - (kernelWidth - 1) * dilations[1];
    if (rows < 1 || columns < 1) continue;
    return {
      channels: source.whole(1, 5),
      height,
      width,
      kernelHeight,
      kernelWidth,
      strides: [source.whole(1, 3), source.whole(1, 3)],
      dilations,
      padding,
      planeStride: planeStrideOf(height * width) + 16 * source.whole(0, 1),
      rowStride: width * 4,
    };
  }
}

function randomPadding(source: Dice): readonly [number, number, number, number] {
  return [source.whole(0, 3), source.whole(0, 3), source.whole(0, 3), source.whole(0, 3)];
}

function lay(bench: Bench, source: Dice, shape: ConvolutionShape) {
  const image = source.floats((shape.channels * shape.planeStride) / 4);
  return {plan: planConvolution(shape), image, x: bench.put(image)};
}

/** Runs a plan and gives the output without its gaps. */
function run(
  bench: Bench,
  plan: ReturnType<typeof planConvolution>,
  packed: ReturnType<typeof packPixels>,
  x: number,
  outputs: number,
): Float32Array {
  const scratch = plan.scratchBytes === 0 ? x : bench.room(plan.scratchBytes / 4 + 64);
  const y = bench.room((outputs * plan.outPlane) / 4);
  padInput(bench.kernels, plan, x, scratch);
  bench.kernels[packed.kernel](bench.put(packed.bytes), scratch, y, plan.pixels, -Infinity, Infinity);
  const compact = bench.room(outputs * plan.outHeight * plan.outWidth);
  const {outHeight, outWidth, outPlane, outRow} = plan;
  bench.kernels.copy(
    y,
    compact,
    outputs,
    outHeight,
    outWidth,
    ...[outPlane, outRow, 4, outHeight * outWidth * 4, outWidth * 4, 4],
  );
  return bench.get(compact, outputs * outHeight * outWidth);
}

function convolve(
  shape: ConvolutionShape,
  image: Float32Array,
  outputs: number,
  bias: Float32Array | undefined,
  outHeight: number,
  outWidth: number,
  weight: (ky: number, kx: number, c: number, o: number) => number,
): Float64Array {
  const {channels, height, width, kernelHeight, kernelWidth, strides, dilations, padding, planeStride} = shape;
  const result = new Float64Array(outputs * outHeight * outWidth);
  let at = 0;
  for (let o = 0; o < outputs; o++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++, at++) {
        let sum = bias?.[o] ?? 0;
        for (let ky = 0; ky < kernelHeight; ky++) {
          const y = oy * strides[0] + ky * dilations[0] - padding[0];
          if (y < 0 || y >= height) continue;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const x = ox * strides[1] + kx * dilations[1] - padding[2];
            if (x < 0 || x >= width) continue;
            for (let c = 0; c < channels; c++) {
              sum += weight(ky, kx, c, o) * image[(c * planeStride) / 4 + y * width + x]!;
            }
          }
        }
        result[at] = sum;
      }
    }
  }
  return result;
}

import {describe, expect, test} from 'vitest';
import {type KernelVariant, REDUCE, resizeTable} from '../../src/inference/kernels/index.ts';
import {difference, makeBench, sourceOf} from './bench.ts';

/** Moves, reductions, pooling and resizing. */
export function testImages(variant: KernelVariant): void {
  describe('moves', () => {
    test('fill', async () => {
      const bench = await makeBench(variant);
      const y = bench.room(8);
      bench.kernels.fill(y, 7, 2.5);
      expect([...bench.get(y, 7)]).toEqual(Array(7).fill(2.5));
      expect(bench.get(y + 28, 1)[0]).toBeGreaterThan(1e29);
    });

    test('copy between any strides, also backwards and repeated', async () => {
      const source = sourceOf(31);
      const bench = await makeBench(variant);
      const x = source.floats(3 * 4 * 5);
      const at = bench.put(x);
      const y = bench.room(60);
      // [3, 4, 5] -> [5, 3, 4], the middle axis reversed.
      bench.kernels.copy(at + 3 * 5 * 4, y, 3, 4, 5, 80, -20, 4, 16, 4, 48);
      const turned = Float32Array.from(
        {length: 60},
        (_, i) => x[(Math.floor(i / 4) % 3) * 20 + (3 - (i % 4)) * 5 + Math.floor(i / 12)]!,
      );
      expect(bench.get(y, 60)).toEqual(turned);
      bench.kernels.copy(at, y, 3, 4, 5, 80, 20, 4, 80, 20, 4);
      expect(bench.get(y, 60)).toEqual(x);
      bench.kernels.copy(at, y, 2, 3, 5, 0, 0, 4, 60, 20, 4);
      expect(bench.get(y, 30)).toEqual(Float32Array.from({length: 30}, (_, i) => x[i % 5]!));
    });

    test('transpose', async () => {
      const source = sourceOf(32);
      for (let round = 0; round < 30; round++) {
        const bench = await makeBench(variant);
        const [rows, columns] = [source.whole(1, 13), source.whole(1, 14)];
        const x = source.floats(rows * 16);
        const y = bench.room(columns * 16);
        bench.kernels.transpose(bench.put(x), y, rows, columns, 64, 64);
        for (let column = 0; column < columns; column++) {
          expect(bench.get(y + column * 64, rows)).toEqual(
            Float32Array.from({length: rows}, (_, row) => x[row * 16 + column]!),
          );
        }
      }
    });
  });

  describe('rows', () => {
    test('reduce', async () => {
      const source = sourceOf(33);
      for (let count = 1; count < 30; count++) {
        const bench = await makeBench(variant);
        const x = source.floats(3 * 32).map(v => v - 3);
        const at = bench.put(x);
        const y = bench.room(6);
        const rows = [0, 1, 2].map(row => [...x.subarray(row * 32, row * 32 + count)]);
        const sum = (row: number[]): number => row.reduce((a, b) => a + b, 0);
        const reduced = (op: number): Float32Array => {
          bench.kernels.reduce(op, at, y, 3, count, 128, 8);
          return Float32Array.of(bench.get(y, 1)[0]!, bench.get(y + 8, 1)[0]!, bench.get(y + 16, 1)[0]!);
        };
        expect(reduced(REDUCE.max)).toEqual(Float32Array.from(rows, row => Math.max(...row)));
        expect(reduced(REDUCE.min)).toEqual(Float32Array.from(rows, row => Math.min(...row)));
        const product = Float64Array.from(rows, row => row.reduce((a, b) => a * b, 1));
        expect(difference(reduced(REDUCE.product), product)).toBeLessThan(2e-6);
        expect(difference(reduced(REDUCE.sum), Float64Array.from(rows, sum))).toBeLessThan(1e-6);
        expect(
          difference(
            reduced(REDUCE.mean),
            Float64Array.from(rows, row => sum(row) / count),
          ),
        ).toBeLessThan(1e-6);
      }
    });

    test('reduce down columns, of every count', async () => {
      const source = sourceOf(36);
      for (let count = 1; count < 40; count++) {
        const bench = await makeBench(variant);
        const rows = source.whole(1, 7);
        const x = source.floats(rows * 48).map(v => v - 3);
        const at = bench.put(x);
        const y = bench.room(count + 1);
        const column = (i: number): number[] => Array.from({length: rows}, (_, row) => x[row * 48 + i]!);
        const wanted: Readonly<Record<keyof typeof REDUCE, (numbers: number[]) => number>> = {
          max: numbers => Math.max(...numbers),
          mean: numbers => numbers.reduce((a, b) => a + b) / rows,
          min: numbers => Math.min(...numbers),
          product: numbers => numbers.reduce((a, b) => a * b),
          sum: numbers => numbers.reduce((a, b) => a + b),
        };
        for (const [name, of] of Object.entries(wanted)) {
          bench.kernels.reduceColumns(REDUCE[name as keyof typeof REDUCE], at, y, rows, count, 192);
          const expected = Float64Array.from({length: count}, (_, i) => of(column(i)));
          expect(difference(bench.get(y, count), expected), name).toBeLessThan(1e-6);
          expect(bench.get(y + count * 4, 1)[0]).toBeGreaterThan(1e29);
        }
      }
    });

    test('softmax and its logarithm', async () => {
      const source = sourceOf(34);
      for (let count = 1; count < 40; count += 3) {
        const bench = await makeBench(variant);
        const x = source.floats(2 * 48).map(v => v * 20 + 500);
        const at = bench.put(x);
        const y = bench.room(2 * 44);
        for (const log of [0, 1]) {
          bench.kernels.softmax(at, y, 2, count, 192, 176, log);
          for (const row of [0, 1]) {
            const values = [...x.subarray(row * 48, row * 48 + count)];
            const largest = Math.max(...values);
            const sum = values.reduce((total, v) => total + Math.exp(v - largest), 0);
            const expected = values.map(v => (log ? v - largest - Math.log(sum) : Math.exp(v - largest) / sum));
            expect(difference(bench.get(y + row * 176, count), Float64Array.from(expected))).toBeLessThan(1e-6);
          }
        }
      }
    });

    test('layerNorm', async () => {
      const source = sourceOf(35);
      for (const count of [1, 3, 8, 13]) {
        const bench = await makeBench(variant);
        const [x, gamma, beta] = [source.floats(2 * 16), source.floats(16), source.floats(16)];
        const at = bench.put(x);
        bench.kernels.layerNorm(at, at, 2, count, 64, 64, bench.put(gamma), bench.put(beta), 1e-3);
        for (const row of [0, 1]) {
          const values = [...x.subarray(row * 16, row * 16 + count)];
          const mean = values.reduce((a, b) => a + b, 0) / count;
          const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / count;
          const expected = values.map((v, i) => ((v - mean) / Math.sqrt(variance + 1e-3)) * gamma[i]! + beta[i]!);
          expect(difference(bench.get(at + row * 64, count), Float64Array.from(expected))).toBeLessThan(2e-6);
        }
      }
    });
  });

  describe('planes', () => {
    test('pool', async () => {
      const source = sourceOf(36);
      for (let round = 0; round < 60; round++) {
        const bench = await makeBench(variant);
        const [height, width] = [source.whole(2, 11), source.whole(2, 29)];
        const [kh, kw, sh, sw] = [source.whole(1, 3), source.whole(1, 4), source.whole(1, 3), source.whole(1, 3)];
        // Less than a window of padding, so that every window sees a pixel.
        const [top, left] = [source.whole(0, Math.min(kh, height) - 1), source.whole(0, Math.min(kw, width) - 1)];
        const outHeight = Math.floor((height + top - 1) / sh) + 1;
        const outWidth = Math.floor((width + left - 1) / sw) + 1;
        const rows = width + source.whole(0, 2);
        const x = source.floats(3 * height * rows + 4).map(v => v - 1.5);
        const at = bench.put(x);
        const y = bench.room(3 * outHeight * outWidth);
        for (const op of [REDUCE.max, REDUCE.mean]) {
          bench.kernels.pool(
            op,
            at,
            y,
            3,
            height,
            width,
            height * rows * 4,
            rows * 4,
            outHeight,
            outWidth,
            outHeight * outWidth * 4,
            outWidth * 4,
            kh,
            kw,
            sh,
            sw,
            top,
            left,
          );
          const expected: number[] = [];
          for (let c = 0; c < 3; c++) {
            for (let oy = 0; oy < outHeight; oy++) {
              for (let ox = 0; ox < outWidth; ox++) {
                const seen: number[] = [];
                for (let iy = Math.max(0, oy * sh - top); iy < Math.min(height, oy * sh - top + kh); iy++) {
                  for (let ix = Math.max(0, ox * sw - left); ix < Math.min(width, ox * sw - left + kw); ix++) {
                    seen.push(x[(c * height + iy) * rows + ix]!);
                  }
                }
                expected.push(op === REDUCE.max ? Math.max(...seen) : seen.reduce((a, b) => a + b, 0) / seen.length);
              }
            }
          }
          expect(difference(bench.get(y, expected.length), Float64Array.from(expected))).toBeLessThan(1e-6);
        }
      }
    });

    test.each([
      ['bilinear', false, false],
      ['bilinear', true, false],
      ['bilinear', false, true],
      ['nearest', false, false],
      ['nearest', true, false],
      ['nearest', false, true],
    ] as const)('resize %s, align corners %s, half-pixel centres %s', async (interpolation, alignCorners, half) => {
      const source = sourceOf(37);
      for (let round = 0; round < 20; round++) {
        const bench = await makeBench(variant);
        const [height, width] = [source.whole(1, 6), source.whole(1, 6)];
        const [outHeight, outWidth] = [source.whole(1, 13), source.whole(1, 13)];
        const x = source.floats(2 * height * width);
        const y = bench.room(2 * outHeight * outWidth);
        const mode = {interpolation, alignCorners, halfPixelCenters: half};
        bench.kernels.resize(
          ...([bench.put(x), y, 2, height * width * 4] as const),
          ...([outHeight, outWidth, outHeight * outWidth * 4, outWidth * 4] as const),
          ...([
            bench.put(resizeTable(height, outHeight, width * 4, mode)),
            bench.put(resizeTable(width, outWidth, 4, mode)),
          ] as const),
        );
        const place = (i: number, input: number, output: number): number => {
          const scale = alignCorners && output > 1 ? (input - 1) / (output - 1) : input / output;
          if (interpolation === 'bilinear') return half ? (i + 0.5) * scale - 0.5 : i * scale;
          return alignCorners ? Math.round(i * scale) : Math.floor((half ? i + 0.5 : i) * scale + 1e-6);
        };
        const held = (at: number, size: number): number => Math.min(size - 1, Math.max(0, at));
        const pixel = (c: number, row: number, column: number): number =>
          x[(c * height + held(row, height)) * width + held(column, width)]!;
        const expected = Float64Array.from({length: 2 * outHeight * outWidth}, (_, i) => {
          const c = Math.floor(i / outHeight / outWidth);
          const v = place(Math.floor(i / outWidth) % outHeight, height, outHeight);
          const u = place(i % outWidth, width, outWidth);
          const [row, column] = [Math.floor(v), Math.floor(u)];
          const mix = (a: number, b: number, f: number): number => a + (b - a) * f;
          const above = mix(pixel(c, row, column), pixel(c, row, column + 1), u - column);
          return mix(above, mix(pixel(c, row + 1, column), pixel(c, row + 1, column + 1), u - column), v - row);
        });
        expect(difference(bench.get(y, expected.length), expected)).toBeLessThan(1e-5);
      }
    });
  });
}

import {setFlagsFromString} from 'node:v8';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {compile, isTfmotError} from '../../src/inference/index.ts';
import {seeded} from '../../testing/seeded.ts';
import {layer, sequentialArtifacts} from './_artifacts.ts';
import {relativeError} from './_compare.ts';

setFlagsFromString('--experimental-wasm-relaxed-simd');

/** A window along both dimensions of an image. */
interface Case {
  readonly kind: 'Conv2D' | 'DepthwiseConv2D' | 'MaxPooling2D' | 'AveragePooling2D';
  readonly input: readonly [number, number];
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: 'same' | 'valid';
}

const CHANNELS = 2;
/** Sizes at and around those where 32-bit numbers end. */
const HUGE = [2 ** 24, 2 ** 28, 2 ** 28 + 1, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 53 - 1];
const pair = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> => fc.tuple(item, item);
const small = fc.integer({min: 1, max: 6});
const any = fc.oneof({weight: 3, arbitrary: small}, {weight: 1, arbitrary: fc.constantFrom(...HUGE)});

const cases: fc.Arbitrary<Case> = fc
  .record({
    kind: fc.constantFrom('Conv2D', 'DepthwiseConv2D', 'MaxPooling2D', 'AveragePooling2D'),
    input: pair(small),
    windows: pair(any),
    kernel: pair(fc.integer({min: 1, max: 4})),
    strides: pair(any),
    dilations: pair(any),
    padding: fc.constantFrom('same', 'valid'),
  })
  .map(({windows, kernel, dilations, ...rest}) => {
    const pools = rest.kind.endsWith('Pooling2D');
    return {...rest, size: pools ? windows : kernel, dilations: pools ? [1, 1] : dilations};
  });

/** Where the window of each output begins along one dimension; Keras' rule. */
function starts({input, size, strides, dilations, padding}: Case, axis: 0 | 1): number[] {
  const span = (size[axis] - 1) * dilations[axis] + 1;
  const outputs =
    padding === 'same' ? Math.ceil(input[axis] / strides[axis]) : Math.floor((input[axis] - span) / strides[axis]) + 1;
  const total = padding === 'same' ? Math.max(0, (outputs - 1) * strides[axis] + span - input[axis]) : 0;
  return Array.from({length: Math.max(0, outputs)}, (_, i) => i * strides[axis] - Math.floor(total / 2));
}

/** The taps of a window that lie inside the input, as [tap, place]. */
function taps({input, size, dilations}: Case, axis: 0 | 1, start: number): [number, number][] {
  const inside: [number, number][] = [];
  for (let place = 0; place < input[axis]; place++) {
    const tap = (place - start) / dilations[axis];
    if (Number.isInteger(tap) && tap >= 0 && tap < size[axis]) inside.push([tap, place]);
  }
  return inside;
}

/** By the definition, over every input place for every output. */
function expected(window: Case, x: Float32Array, kernel: Float32Array): number[] {
  const outputs: number[] = [];
  for (const top of starts(window, 0)) {
    for (const left of starts(window, 1)) {
      const rows = taps(window, 0, top);
      const columns = taps(window, 1, left);
      const at = (row: number, column: number, c: number) => x[(row * window.input[1] + column) * CHANNELS + c]!;
      for (let o = 0; o < CHANNELS; o++) {
        const all = rows.flatMap(([ky, y]) => columns.map(([kx, x]) => ({ky, kx, y, x})));
        if (window.kind === 'MaxPooling2D') outputs.push(Math.max(...all.map(tap => at(tap.y, tap.x, o))));
        else if (window.kind === 'AveragePooling2D')
          outputs.push(all.reduce((sum, tap) => sum + at(tap.y, tap.x, o), 0) / all.length);
        else {
          const weight = (ky: number, kx: number, c: number) =>
            kernel[(ky * window.size[1] + kx) * CHANNELS * (window.kind === 'Conv2D' ? CHANNELS : 1) + c]!;
          const products = all.flatMap(({ky, kx, y, x}) =>
            window.kind === 'Conv2D'
              ? Array.from({length: CHANNELS}, (_, c) => at(y, x, c) * weight(ky, kx, c * CHANNELS + o))
              : [at(y, x, o) * weight(ky, kx, o)],
          );
          outputs.push(products.reduce((sum, product) => sum + product, 0));
        }
      }
    }
  }
  return outputs;
}

test('windows, strides and dilations of any size give the right numbers, or are refused', async () => {
  let right = 0;
  let hugeAndRight = 0;
  const x36 = Float32Array.from({length: 72}, seeded(1));
  await fc.assert(
    fc.asyncProperty(cases, async window => {
      const {kind, input, size, strides, dilations, padding} = window;
      const shape = kind === 'Conv2D' ? [...size, CHANNELS, CHANNELS] : [...size, CHANNELS, 1];
      const pools = kind.endsWith('Pooling2D');
      const count = pools ? 0 : shape.reduce((product, length) => product * length, 1);
      const kernel = Float32Array.from({length: count}, seeded(2));
      const config = {
        ...{strides, padding, use_bias: false, batch_input_shape: [null, ...input, CHANNELS]},
        ...(pools ? {pool_size: size} : {kernel_size: size, dilation_rate: dilations, filters: CHANNELS}),
      };
      const weights = pools ? {} : {[`w/${kind === 'Conv2D' ? '' : 'depthwise_'}kernel`]: [shape, kernel] as const};
      try {
        const engine = await compile(sequentialArtifacts([layer(kind, 'w', config)], weights), {
          maxMemoryBytes: 2 ** 26,
        });
        const x = x36.subarray(0, input[0] * input[1] * CHANNELS);
        const got = await engine.predict(x);
        expect(relativeError(got, expected(window, x, kernel))).toBeLessThan(1e-5);
        right++;
        if ([...size, ...strides, ...dilations].some(number => number > 6)) hugeAndRight++;
      } catch (error) {
        if (!isTfmotError(error)) throw error;
        expect(['invalid-topology', 'memory-limit']).toContain(error.code);
        // What fits into the input is never refused.
        const fits = [0, 1].every(axis => (size[axis]! - 1) * dilations[axis]! + 1 <= input[axis]!);
        expect(fits && strides.every(stride => stride <= 6)).toBe(false);
      }
    }),
    {numRuns: 250, seed: 5},
  );
  expect(right).toBeGreaterThan(60);
  expect(hugeAndRight).toBeGreaterThan(15);
});

test.each([
  ['UpSampling2D', {size: [2 ** 31, 1]}],
  ['ZeroPadding2D', {padding: 2 ** 32}],
  ['Cropping2D', {cropping: 2 ** 32}],
  ['RepeatVector', {n: 2 ** 31, batch_input_shape: [null, 3]}],
  ['Resizing', {height: 2 ** 32, width: 1}],
  ['UpSampling2D', {size: [2 ** 22, 1], interpolation: 'bilinear'}],
  ['Reshape', {target_shape: [2 ** 32, -1]}],
  ['Conv2DTranspose', {filters: 1, kernel_size: 1, strides: [2 ** 32, 1], use_bias: false}],
])('%s of %j is refused', async (className, config) => {
  const artifacts = sequentialArtifacts([layer(className, 'l', {batch_input_shape: [null, 3, 3, 1], ...config})], {
    'l/kernel': [[1, 1, 1, 1], [1]],
  });
  await expect(compile(artifacts)).rejects.toMatchObject({code: 'invalid-topology'});
});

test('rows of a table beyond 2^24 are found', async () => {
  const rows = 2 ** 24 + 4;
  const table = new Float32Array(rows);
  for (let i = 0; i < rows; i++) table[i] = i % 1000;
  const config = {input_dim: rows, output_dim: 1, batch_input_shape: [null, 2]};
  const inputs = Int32Array.of(2 ** 24 + 1, 2 ** 24 + 3);
  const weights = {
    weightSpecs: [{name: 'e/embeddings', shape: [rows, 1], dtype: 'float32'}],
    weightData: table.buffer,
  } as const;
  const moved = [
    layer('Reshape', 'r', {target_shape: [2], batch_input_shape: [null, 2]}),
    layer('Embedding', 'e', config),
  ];
  const engine = await compile({...sequentialArtifacts(moved), ...weights});
  expect([...(await engine.predict(inputs))]).toEqual([...inputs].map(row => table[row]));
  // Computed with, an index is a float, and no longer exact.
  const scaled = [layer('Rescaling', 's', {scale: 1.5, batch_input_shape: [null, 2]}), layer('Embedding', 'e', config)];
  await expect(compile({...sequentialArtifacts(scaled), ...weights})).rejects.toMatchObject({
    code: 'unsupported-model',
  });
});

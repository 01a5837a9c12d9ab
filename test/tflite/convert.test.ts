import {describe, expect, test} from 'vitest';
import {open} from '../../src/formats/index.ts';
import {LINEAR} from '../../src/graph/ops/activation.ts';
import type {ConvertOptions} from '../../src/tflite/index.ts';
import {convert} from '../../src/tflite/index.ts';
import {graphOf, modelOf, randomWeight} from '../inference/_graphs.ts';
import {runIn} from './_runtimes.ts';

const dense = (values = randomWeight([32, 32], 1)) =>
  modelOf(
    graphOf(
      {
        name: 'dense',
        shapes: [[32]],
        emit: (emit, [x]) => emit({type: 'dense', kernel: values, bias: null, activation: LINEAR}, x!),
        want: ([x]) => x!,
      },
      'flat',
    ),
  );
const ones = (count: number): Float32Array => new Float32Array(count).fill(1);

describe('options of convert', () => {
  test.each([
    [{weight: 'int8'}, /no option 'weight'. Did you mean weights/],
    [{weights: 'int4'}, /weights must be/],
    [{sparsity: 0.5}, /sparsity must be/],
    [{batchSize: 0}, /batchSize must be/],
    [{description: 1}, /description must be/],
    [{recurrent: 'while'}, /recurrent must be/],
    [{recurrent: 'fused', fullInteger: {data: ones(32)}}, /recurrent must be/],
    [{names: {z: 'a'}}, /no option 'z'/],
    [{names: {x0: ''}}, /names must be/],
    [{fullInteger: {}}, /fullInteger.data must be/],
    [{fullInteger: {data: ones(32), io: 'int4'}}, /fullInteger.io must be/],
    [{fullInteger: {data: ones(32), method: 'best'}}, /fullInteger.method must be/],
    [{fullInteger: {data: ones(32)}, weights: 'float32'}, /weights must be/],
    [{fullInteger: {data: []}}, /data/],
    [{fullInteger: {data: ones(31)}}, /x0/],
    [{fullInteger: {data: ones(32).fill(Number.NaN)}}, /finite/],
  ])('refuses %j', async (options, message) => {
    await expect(convert(dense(), options as ConvertOptions)).rejects.toMatchObject({
      name: 'TfmotError',
      message: expect.stringMatching(message),
    });
  });

  test('refuses weights that the storage cannot hold', async () => {
    const large = dense(randomWeight([32, 32], 1, x => 1e5 * x));
    await expect(convert(large, {weights: 'float16'})).rejects.toMatchObject({code: 'invalid-argument'});
    const infinite = dense(randomWeight([32, 32], 1, () => Number.POSITIVE_INFINITY));
    await expect(convert(infinite, {weights: 'int8'})).rejects.toMatchObject({code: 'non-finite-weight'});
  });

  test('stops when asked to', async () => {
    await expect(convert(dense(), {signal: AbortSignal.abort(new Error('enough'))})).rejects.toThrow('enough');
  });

  test('names ports, and gives the same bytes again', async () => {
    const options = {names: {x0: 'pixels', y: 'digits'}, description: 'digits'};
    const file = await convert(dense(), options);
    expect(await convert(dense(), options)).toEqual(file);
    const graph = await (await open(file)).graph();
    expect([graph.inputs[0]!.name, graph.outputs[0]!.name]).toEqual(['pixels', 'digits']);
  });

  test('levels in and out compute what floats do', async () => {
    const data = randomWeight([64, 32], 2).data;
    const [floats, levels] = await Promise.all(
      (['float32', 'uint8'] as const).map(io => convert(dense(), {fullInteger: {data, io}})),
    );
    const first = data.subarray(0, 32);
    const {scale, zeroPoint} = gridOver(data);
    const stored = Uint8Array.from(first, value => Math.round(value / scale) + zeroPoint);
    const [want, got] = await runIn('litert', [
      {file: floats!, inputs: [{type: 'float32', shape: [1, 32], values: first}]},
      {file: levels!, inputs: [{type: 'uint8', shape: [1, 32], values: stored}]},
    ]);
    const [a, b] = [(want as Float32Array[])[0]!, (got as Float32Array[])[0]!];
    const step = (Math.max(...a) - Math.min(...a)) / (Math.max(...b) - Math.min(...b));
    for (let i = 1; i < a.length; i++) expect((b[i]! - b[0]!) * step).toBeCloseTo(a[i]! - a[0]!, 1);
  });
});

function gridOver(data: Float32Array): {scale: number; zeroPoint: number} {
  const [min, max] = [Math.min(0, ...data), Math.max(0, ...data)];
  const scale = (max - min) / 255;
  return {scale, zeroPoint: Math.round(-128 - min / scale) + 128};
}

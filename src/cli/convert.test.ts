import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {modelFolder} from '../node/model-folder.ts';
import {kernels, tfmot} from './_run.ts';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-convert-'));
  const model = kernels([Float32Array.from({length: 1024}, (_, i) => Math.sin(i))]);
  const config = (model.modelTopology as {config: {layers: {config: object}[]}}).config.layers[0]!.config;
  Object.assign(config, {units: 32, batch_input_shape: [null, 32]});
  await modelFolder(at('model')).save(model);
});
afterAll(() => rm(folder, {recursive: true}));

const isTflite = async (name: string): Promise<boolean> =>
  (await readFile(at(name))).subarray(4, 8).toString('latin1') === 'TFL3';

describe('tfmot convert', () => {
  test('writes a .tflite file, smaller in 8 bits, and replaces one with --force alone', async () => {
    const {code, stdout} = await tfmot('convert', at('model'), '-o', at('a.tflite'), '--json');
    expect(code).toBe(0);
    expect(await isTflite('a.tflite')).toBe(true);
    const {after} = JSON.parse(stdout);
    const again = ['convert', at('model'), '-o', at('a.tflite'), '--weights', 'int8', '--json'] as const;
    expect(await tfmot(...again)).toMatchObject({code: 1});
    const small = JSON.parse((await tfmot(...again, '--force')).stdout);
    expect(small.after.bytes).toBeLessThan(after.bytes);
    expect(small.wrote).toEqual({path: at('a.tflite'), bytes: small.after.bytes, files: 1, notes: []});
  });

  test('puts a model on whole numbers with data from a file, and writes it as source', async () => {
    const data = Float32Array.from({length: 320}, (_, i) => Math.cos(i));
    await writeFile(at('data.f32'), new Uint8Array(data.buffer));
    const args = ['convert', at('model'), '-o', at('b.tflite'), '--full-integer', at('data.f32'), '--io', 'uint8'];
    const {code, stdout} = await tfmot(...args, '--c-array', 'digits');
    expect({code, notes: stdout.includes(`wrote ${at('digits.cc')}`)}).toEqual({code: 0, notes: true});
    const bytes = await readFile(at('b.tflite'));
    expect(await readFile(at('digits.cc'), 'utf8')).toContain(`digits_len = ${bytes.length};`);
    expect(await readFile(at('digits.h'), 'utf8')).toContain('extern const unsigned char digits[];');
    const other = args.map(word => word.replace('b.tflite', 'c.tflite'));
    expect(await tfmot(...other, '--c-array', 'digits')).toMatchObject({code: 1});
    expect(await isTflite('c.tflite').catch(() => 'missing')).toBe('missing');
  });

  test('what it wrote is inspected, pruned and stored in 8 bits by the other commands', async () => {
    await tfmot('convert', at('model'), '-o', at('g.tflite'), '--sparsity', 'off');
    const seen = JSON.parse((await tfmot('inspect', at('g.tflite'), '--json')).stdout);
    expect(JSON.stringify(seen)).toContain('kernel');
    expect((await tfmot('prune', at('g.tflite'), '--sparsity', '0.5', '-o', at('h.tflite'))).code).toBe(0);
    const {code, stdout} = await tfmot('quantize', at('h.tflite'), '-o', at('i.tflite'), '--json');
    expect(code).toBe(0);
    const {changed} = JSON.parse(stdout);
    expect(changed).toEqual([
      expect.objectContaining({after: expect.objectContaining({dtype: 'int8', nonZeros: 512})}),
    ]);
    expect((await readFile(at('i.tflite'))).length).toBeLessThan((await readFile(at('h.tflite'))).length);
    const refused = await tfmot('quantize', at('h.tflite'), '-o', at('j.tflite'), '--dtype', 'float16');
    expect(refused).toMatchObject({code: 2, stderr: expect.stringContaining('takes no --dtype')});
  });

  test('writes the formats of TensorFlow.js, too', async () => {
    expect((await tfmot('convert', at('model'), '-o', at('d.tfmz'))).code).toBe(0);
    expect((await tfmot('convert', at('d.tfmz'), '-o', at('e'))).code).toBe(0);
    expect((await tfmot('convert', at('e'), '-o', at('f.tflite'))).code).toBe(0);
  });

  test.each([
    [['-o', 'x.onnx'], /must be a folder, or end in \.tflite or \.tfmz/],
    [['-o', 'x.tfmz', '--weights', 'int8'], /--weights is about \.tflite files/],
    [['-o', 'x.tflite', '--io', 'uint8'], /give --full-integer too/],
    [['-o', 'x.tflite', '--full-integer', 'no.f32'], /Could not read/],
    [['-o', 'x.tflite', '--c-array', '1x'], /letters, digits and underscores/],
  ])('refuses %j', async (words, message) => {
    const args = words.map(word => (/^(x\.|no)/.test(word) ? at(word) : word));
    const {code, stderr} = await tfmot('convert', at('model'), ...args);
    expect(code).not.toBe(0);
    expect(stderr.replace(/\s+/g, ' ')).toMatch(message);
  });

  test('replaces nothing else by a .tflite file', async () => {
    await writeFile(at('notes.tflite'), 'my notes');
    const {code, stderr} = await tfmot('convert', at('model'), '-o', at('notes.tflite'), '--force');
    expect(code).toBe(1);
    expect(stderr).toContain('only models are replaced');
  });
});

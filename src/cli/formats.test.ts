import {cp, mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {tfmot} from './_run.ts';

const fixture = (path: string): string => fileURLToPath(new URL(`../../test/fixtures/${path}`, import.meta.url));

/** A model of each format: its format, its file, and how a pruned one may be called. */
const MODELS = [
  ['tfjs-graph', 'graph', 'pruned'],
  ['keras-h5', 'model.h5', 'pruned.h5'],
  ['keras', 'model.keras', 'pruned.keras'],
  ['tflite', 'model.tflite', 'pruned.tflite'],
] as const;

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-formats-'));
  await cp(fixture('graph-model/tiny-f32'), at('graph'), {recursive: true});
  await cp(fixture('keras-files/no_input.k3.h5'), at('model.h5'));
  await cp(fixture('keras-files/no_input.k3.keras'), at('model.keras'));
  await cp(fixture('tflite/samples/tiny-f32.tflite'), at('model.tflite'));
});
afterAll(() => rm(folder, {recursive: true}));

describe.each(MODELS)('%s', (format, model, pruned) => {
  test('inspect shows weights, inputs, outputs and what the engine runs', async () => {
    const {code, stdout} = await tfmot('inspect', at(model), '--json');
    expect(code).toBe(0);
    const {graph, weights, ...facts} = JSON.parse(stdout);
    expect(facts.format).toBe(format);
    expect(weights.some(({role}: {role: string}) => role === 'kernel')).toBe(true);
    expect(graph).toMatchObject({runs: true, reason: null, left: []});
    expect(graph.inputs.length).toBe(1);
    expect(Object.keys(graph.ops).length).toBeGreaterThan(0);
    const people = await tfmot('inspect', at(model));
    expect(people.stdout).toContain('The engine runs all of it');
  });

  test('prune writes the same format, and proposes such a name', async () => {
    const {stderr} = await tfmot('prune', at(model), '--sparsity', '0.5');
    expect(stderr.replace(/\n +/g, ' ')).toContain(
      `-o ${at(pruned === 'pruned' ? 'graph-pruned' : model.replace('.', '-pruned.'))}`,
    );
    expect((await tfmot('prune', at(model), '--sparsity', '0.5', '-o', at(pruned))).code).toBe(0);
    const {stdout} = await tfmot('inspect', at(pruned), '--json');
    const {format: after, parameters, nonZeros} = JSON.parse(stdout);
    expect(after).toBe(format);
    expect(nonZeros).toBeLessThan(0.7 * parameters);
    const wrong = await tfmot(
      'prune',
      at(model),
      '--sparsity',
      '0.5',
      '-o',
      at(format === 'tflite' ? 'a.onnx' : 'a.tflite'),
    );
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('The output must');
  });

  test('compress and decompress give the file back', async () => {
    const packed = at(`${format}.tfmz`);
    expect((await tfmot('compress', at(model), '-o', packed)).code).toBe(0);
    const output = at(pruned.replace('pruned', 'unpacked'));
    const wrong = await tfmot('decompress', packed, '-o', at(format === 'tflite' ? 'a.onnx' : 'a.tflite'));
    expect(wrong.code).toBe(2);
    expect((await tfmot('decompress', packed, '-o', output)).code).toBe(0);
    if (format !== 'tfjs-graph') expect(await readFile(output)).toEqual(await readFile(at(model)));
  });

  test('quantize writes levels where the format has a place for them, or proposes compress', async () => {
    const output = at(pruned.replace('pruned', 'quantized'));
    const {code, stderr} = await tfmot('quantize', at(model), '-o', output);
    const hasPlace = format === 'tfjs-graph' || format === 'tflite';
    expect(code).toBe(hasPlace ? 0 : 1);
    if (!hasPlace) expect(stderr.replace(/\n +/g, ' ')).toContain('tfmot compress');
  });
});

import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {compressedFile} from '../node/compressed-file.ts';
import {modelFolder} from '../node/model-folder.ts';

const MAIN = resolve(import.meta.dirname, 'main.ts');

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot cli-'));
  await modelFolder(at('dense')).save(artifacts());
});
afterAll(() => rm(folder, {recursive: true}));

/** A convolution, a normalisation and two dense layers, one of them inside a model inside the model. */
function artifacts(): ModelArtifacts {
  const weights: [string, number[]][] = [
    ['conv/kernel', [3, 3, 2, 4]],
    ['conv/bias', [4]],
    ['norm/gamma', [4]],
    ['inner/out/kernel', [64, 8]],
    ['depth/depthwise_kernel', [3, 3, 4, 1]],
  ];
  const layer = (class_name: string, name: string, config: object = {}): object => ({
    class_name,
    config: {name, ...config},
  });
  const sizes = weights.map(([, shape]) => shape.reduce((product, size) => product * size, 1));
  const values = Float32Array.from({length: sizes.reduce((sum, size) => sum + size, 0)}, (_, i) => Math.sin(i + 1));
  return {
    modelTopology: layer('Sequential', 'model', {
      layers: [
        layer('Conv2D', 'conv', {batch_input_shape: [null, 8, 8, 2]}),
        layer('BatchNormalization', 'norm'),
        layer('DepthwiseConv2D', 'depth'),
        layer('Sequential', 'inner', {layers: [layer('Dense', 'out')]}),
      ],
    }),
    weightSpecs: weights.map(([name, shape]) => ({name, shape, dtype: 'float32'})),
    weightData: values.buffer,
  };
}

async function tfmot(...args: string[]): Promise<{code: number | null; stdout: string; stderr: string}> {
  const env = {...process.env, NO_COLOR: '1', FORCE_COLOR: undefined};
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {env});
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', chunk => (stdout += chunk));
  child.stderr.on('data', chunk => (stderr += chunk));
  const code = await new Promise<number | null>(done => child.on('close', done));
  return {code, stdout, stderr};
}

/** Zeros of each weight of a saved model. */
async function zeros(path: string): Promise<Record<string, number>> {
  const {weightSpecs, weightData} = (await (path.endsWith('.tfmz')
    ? compressedFile(path)
    : modelFolder(path)
  ).load()) as ModelArtifacts;
  let offset = 0;
  return Object.fromEntries(
    weightSpecs.map(({name, shape}) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const values = new Float32Array(weightData as ArrayBuffer, 4 * offset, size);
      offset += size;
      return [name, values.filter(value => Object.is(value, 0)).length];
    }),
  );
}

const NONE = {'conv/bias': 0, 'norm/gamma': 0, 'depth/depthwise_kernel': 0};

describe('the command tfmot', () => {
  test('prunes, quantises, compresses and unpacks a model, each step naming the next', async () => {
    const pruned = await tfmot('prune', at('dense'), '--sparsity', '0.75', '-o', at('pruned'));
    expect(pruned).toMatchObject({code: 0, stderr: ''});
    expect(pruned.stdout).toMatch(/non-zeros +628 +-> +190\n/);
    expect(pruned.stdout).toContain(`next: tfmot quantize ${JSON.stringify(at('pruned'))}`);
    expect(await zeros(at('pruned'))).toEqual({...NONE, 'conv/kernel': 54, 'inner/out/kernel': 384});

    const quantized = await tfmot('quantize', at('pruned'), '-o', at('small.tfmz'), '--exclude', 'conv', '--json');
    const {before, after, kept, next} = JSON.parse(quantized.stdout);
    expect([before.nonZeros, after.nonZeros, before.bytes, after.bytes]).toEqual([
      190,
      190,
      2512,
      2512 - 3 * (512 + 36),
    ]);
    expect(kept).toContainEqual({name: 'conv/kernel', reason: 'excluded'});
    expect(next).toContain('tfmot inspect');

    const compressed = await tfmot('compress', at('pruned'), '--bits', '4', '-o', at('four.tfmz'));
    expect(compressed.stdout).toMatch(/inner\/out\/kernel +step +\d+\.\d+ %/);
    const unpacked = await tfmot('decompress', at('four.tfmz'), '-o', at('unpacked'));
    expect(unpacked.code).toBe(0);
    expect(await zeros(at('unpacked'))).toEqual(await zeros(at('four.tfmz')));
    expect((await zeros(at('unpacked')))['inner/out/kernel']).toBeGreaterThanOrEqual(384);
  });

  test('inspects: what can be pruned, what not and why, and how many bytes', async () => {
    const {code, stdout, stderr} = await tfmot('inspect', at('dense/model.json'), '--json');
    expect(code).toBe(0);
    expect(stderr).toContain('Compressing');
    const {parameters, bytes, weights} = JSON.parse(stdout);
    expect(parameters).toBe(628);
    expect(bytes.raw).toBe(2512);
    expect(bytes.tfmz).toBeGreaterThan(1000);
    expect(weights.map(({name, notPrunable}: Record<string, unknown>) => [name, notPrunable])).toEqual([
      ['conv/kernel', null],
      ['conv/bias', 'a bias'],
      ['norm/gamma', 'a scale or shift of a normalisation'],
      ['inner/out/kernel', null],
      ['depth/depthwise_kernel', 'a depthwise kernel'],
    ]);
  });

  test('prunes all kernels together, in blocks, and m of n', async () => {
    const [global, blocks, groups] = await Promise.all([
      tfmot('prune', at('dense'), '--sparsity', '0.5', '--global', '-o', at('global.tfmz')),
      tfmot('prune', at('dense'), '--sparsity', '0.5', '--block', '4,1', '-o', at('blocks')),
      tfmot('prune', at('dense'), '--m-by-n', '2,4', '-o', at('groups')),
    ]);
    expect([global.code, blocks.code, groups.code]).toEqual([0, 0, 0]);
    const all = await zeros(at('global.tfmz'));
    expect(all['conv/kernel']! + all['inner/out/kernel']!).toBe((72 + 512) / 2);
    expect(all['conv/kernel']).not.toBe(36);
    expect((await zeros(at('blocks')))['inner/out/kernel']).toBe(256);
    expect(await zeros(at('groups'))).toEqual({...NONE, 'conv/kernel': 0, 'inner/out/kernel': 256});
  });

  test('exits with 2 when used wrongly and with 1 when it fails, and says why on stderr', async () => {
    await writeFile(at('broken.tfmz'), 'no');
    const wrong: [number, string, string[]][] = [
      [2, 'Did you mean 0.9?', ['prune', at('dense'), '--sparsity', '90', '-o', at('x')]],
      [2, '--sparsity, such as', ['prune', at('dense'), '-o', at('x')]],
      [2, 'at most 3 can be zero', ['prune', at('dense'), '--m-by-n', '4,4', '-o', at('x')]],
      [2, "unknown option '--sparcity'", ['prune', at('dense'), '--sparcity', '0.9', '-o', at('x')]],
      [2, 'no weight fits nothing', ['quantize', at('dense'), '--exclude', 'nothing', '-o', at('x')]],
      [2, 'must end in .tfmz', ['compress', at('dense'), '-o', at('x')]],
      [2, 'Usage: tfmot', []],
      [1, 'There is no file', ['inspect', at('nowhere')]],
      [1, 'tfmz', ['decompress', at('broken.tfmz'), '-o', at('x')]],
    ];
    const {run} = await import('./program.ts');
    for (const [code, message, args] of wrong) {
      let stderr = '';
      const write = process.stderr.write;
      process.stderr.write = ((chunk: string) => (stderr += chunk)) as never;
      try {
        expect(await run(args)).toBe(code);
      } finally {
        process.stderr.write = write;
      }
      expect(stderr).toContain(message);
      expect(stderr).not.toMatch(/\n {4}at /);
    }
    expect(await tfmot('prune', at('dense'), '--sparsity', '90', '-o', at('x'))).toMatchObject({code: 2, stdout: ''});
    await expect(modelFolder(at('x')).load()).rejects.toMatchObject({code: 'file-not-found'});
  });

  test('loads no TensorFlow.js', () => {
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const source = readFileSync(file, 'utf8');
      for (const [, specifier] of source.matchAll(/^(?:import|export)\s(?!type )[^;]*?from\s+'([^']+)'/gms)) {
        expect(specifier, file).not.toMatch(/^@tensorflow/);
        if (specifier!.startsWith('.')) visit(resolve(dirname(file), specifier!));
      }
    };
    visit(MAIN);
    expect(seen.size).toBeGreaterThan(20);
  });
});

import {readFileSync} from 'node:fs';
import {mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {compressedFile} from '../node/compressed-file.ts';
import {modelFolder} from '../node/model-folder.ts';
import {artifacts, kernels, loaded, nextOf, tfmot, tfmotWith, zeros} from './_run.ts';
import {inspectCommandFor} from './shell.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tfmot cli's-"));
  await modelFolder(at('dense')).save(artifacts());
});
afterAll(() => rm(folder, {recursive: true}));

const NONE = {'conv/bias': 0, 'norm/gamma': 0, 'depth/depthwise_kernel': 0};

describe('the command tfmot', () => {
  test('prunes, quantises, compresses and unpacks a model', async () => {
    const pruned = await tfmot('prune', at('dense'), '--sparsity', '75%', '-o', at('pruned'));
    expect(pruned).toMatchObject({code: 0, stderr: ''});
    expect(pruned.stdout).toMatch(/non-zeros +628 +-> +190\n/);
    expect(pruned.stdout).toContain(
      'pruned 2 weights; not pruned: 1 bias, 1 normalisation weight, 1 depthwise kernel\n',
    );
    expect(await zeros(at('pruned'))).toEqual({...NONE, 'conv/kernel': 54, 'inner/out/kernel': 384});

    const quantized = await tfmot('quantize', at('pruned'), '-o', at('small'), '--exclude', 'conv', '--json');
    const {before, after, kept} = JSON.parse(quantized.stdout);
    const bytes = 2512 - 3 * (512 + 36);
    expect([before.nonZeros, after.nonZeros, before.bytes, after.bytes]).toEqual([190, 190, 2512, bytes]);
    expect(kept).toContainEqual({name: 'conv/kernel', reason: 'excluded'});

    const compressed = await tfmot('compress', at('pruned'), '--bits', '4', '-o', at('four.tfmz'));
    expect(compressed.stdout).toMatch(/inner\/out\/kernel +step +\d+\.\d+ %/);
    expect(compressed.stdout).not.toContain('No metric judged the steps');
    const auto = await tfmot('compress', at('pruned'), '--step', 'auto', '-o', at('auto.tfmz'));
    expect(auto.stdout).toContain('No metric judged the steps');
    expect((await tfmot('decompress', at('four.tfmz'), '-o', at('unpacked'))).code).toBe(0);
    expect(await zeros(at('unpacked'))).toEqual(await zeros(at('four.tfmz')));
    expect((await zeros(at('unpacked')))['inner/out/kernel']).toBeGreaterThanOrEqual(384);
  });

  test('inspects: what can be pruned, what not and why, and how many bytes', async () => {
    const {code, stdout, stderr} = await tfmot('inspect', at('dense/model.json'), '--json');
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    const {parameters, bytes, weights} = JSON.parse(stdout);
    expect(parameters).toBe(628);
    expect(bytes.raw).toBe(2512);
    expect(bytes.onDisk).toBe(await sizeOf(at('dense')));
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
      tfmot('prune', at('dense'), '--sparsity', '0,5', '--global', '-o', at('global.tfmz')),
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
});

describe('what pruning does to a model', () => {
  /** Two kernels, the second a thousandth of the first. */
  const uneven = [1, 0.001].map(scale => Float32Array.from({length: 256}, (_, i) => scale * Math.sin(i * 1.7 + 1)));

  test('with --global every kernel keeps a hundredth, or as much as --min-kept says', async () => {
    await modelFolder(at('uneven')).save(kernels(uneven));
    const prune = async (...more: string[]) => {
      const args = ['prune', at('uneven'), '--sparsity', '50%', '--global', '-o', at('one'), '--force', ...more];
      const {code, stdout} = await tfmot(...args);
      return {code, left: Object.values(await zeros(at('one'))).map(count => 256 - count), stdout};
    };
    const floor = await prune();
    expect(floor).toMatchObject({code: 0, left: [253, 3]});
    expect(floor.stdout).not.toContain('More than 99 %');
    expect(await prune('--min-kept', '10%')).toMatchObject({code: 0, left: [230, 26]});
    const none = await prune('--min-kept', '0');
    expect(none).toMatchObject({code: 0, left: [256, 0]});
    expect(none.stdout).toContain('More than 99 % of the non-zeros are gone from dense_1/kernel (0 weights left).\n');
    expect((await prune('--depthwise')).code).toBe(0);

    const small = new Float32Array(400).fill(0.001);
    await modelFolder(at('hundredth')).save(kernels([new Float32Array(400).fill(1), small]));
    const hundredth = await tfmot('prune', at('hundredth'), '--sparsity', '50%', '--global', '-o', at('two'));
    expect(Object.values(await zeros(at('two')))).toEqual([4, 396]);
    expect(hundredth.stdout).not.toContain('More than 99 %');
  });

  test('weights whose levels lack a zero are widened, and that is said', async () => {
    await modelFolder(at('positive')).save(kernels([Float32Array.from({length: 16}, (_, i) => i + 1)]));
    await tfmot('quantize', at('positive'), '-o', at('levels'));
    const {stdout} = await tfmot('prune', at('levels'), '--sparsity', '0.5', '-o', at('widened'));
    expect(stdout).toContain('Stored in float32 now, because their levels lack a zero: dense_0/kernel\n');
    expect(JSON.parse((await tfmot('inspect', at('widened'), '--json')).stdout).weights[0]).toMatchObject({
      dtype: 'float32',
      nonZeros: 8,
    });
  });

  test('a model in training is shown as such, and nothing else is done to it', async () => {
    await modelFolder(at('wrapped')).save(kernels(uneven, 'PruneLowMagnitude'));
    const {code, stdout} = await tfmot('inspect', at('wrapped'));
    expect(code).toBe(0);
    expect(stdout).toContain('In training');
    expect(stdout).not.toContain('next:');
    expect(JSON.parse((await tfmot('inspect', at('wrapped'), '--json')).stdout).unfinished).toContain('stripPruning');
    for (const args of [
      ['prune', at('wrapped'), '--sparsity', '0.5', '-o', at('stripped')],
      ['quantize', at('wrapped'), '-o', at('stripped')],
      ['compress', at('wrapped'), '-o', at('stripped.tfmz')],
      ['compress', at('wrapped'), '--bits', '8', '-o', at('stripped.tfmz')],
    ]) {
      const {code, stderr} = await tfmot(...args);
      expect(code).toBe(1);
      expect(stderr.replace(/\n +/g, ' ')).toContain('Strip it first: sparsity.stripPruning(model)');
    }
    expect((await readdir(folder)).filter(name => name.startsWith('stripped'))).toEqual([]);
  });

  test('a model without anything to prune is compressed next', async () => {
    const norm: ModelArtifacts = {
      modelTopology: {
        class_name: 'Sequential',
        config: {layers: [{class_name: 'BatchNormalization', config: {name: 'n', center: false}}]},
      },
      weightSpecs: [{name: 'n/gamma', shape: [3], dtype: 'float32'}],
      weightData: new Float32Array([1, 2, 3]).buffer,
    };
    await modelFolder(at('norm')).save(norm);
    expect(nextOf((await tfmot('inspect', at('norm'))).stdout)).toEqual([
      'compress',
      at('norm'),
      '-o',
      at('norm.tfmz'),
    ]);
    expect(await tfmot('prune', at('norm'), '--sparsity', '0.5', '-o', at('no'))).toMatchObject({code: 1, stdout: ''});
    const {code, stdout} = await tfmot('quantize', at('norm'), '-o', at('as-it-was'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^no weight is stored as uint8; kept as they are: 1 normalisation weight\n/);
  });
});

/** Commands of every kind, each on a model that is there when its turn comes. */
const EVERY: readonly (readonly string[])[] = [
  ['inspect', 'dense'],
  ['prune', 'dense', '--sparsity', '0.8', '-o', 'a'],
  ['prune', 'dense', '--sparsity', '0.8', '-o', 'p.tfmz'],
  ['inspect', 'a'],
  ['inspect', 'a/model.json'],
  ['inspect', 'p.tfmz'],
  ['quantize', 'a', '-o', 'b'],
  ['quantize', 'a', '--dtype', 'float16', '-o', 'q.tfmz'],
  ['inspect', 'b'],
  ['compress', 'a', '-o', 'c.tfmz'],
  ['compress', 'a', '--codebook', '16', '-o', 'd.tfmz'],
  ['decompress', 'd.tfmz', '-o', 'e/model.json'],
];

describe('every command', () => {
  test('proposes a next command that works, and says what it wrote and how large it is', async () => {
    for (const [name, model, ...options] of EVERY) {
      const args = [name!, at(model!), ...options.map((word, i) => (options[i - 1] === '-o' ? at(word) : word))];
      const text = await tfmot(...args);
      expect(text, args.join(' ')).toMatchObject({code: 0, stderr: ''});
      const output = args[args.indexOf('-o') + 1]!;
      if (args.includes('-o')) {
        expect(text.stdout).toContain(`wrote ${output}: ${(await sizeOf(output)).toLocaleString('en-US')} bytes`);
      }
      const wide = await tfmotWith({env: {COLUMNS: '1000'}}, ...args, '--force');
      const words = nextOf(text.stdout);
      if (args.includes('-o')) expect(nextOf(wide.stdout)).toEqual(words);
      expect(words[0], args.join(' ')).toMatch(/^(inspect|prune|compress|decompress)$/);
      expect(await tfmot(...words), words.join(' ')).toMatchObject({code: 0, stderr: ''});
    }
  });

  test('says in JSON what it says in text, and nothing else on stdout', async () => {
    const args = ['prune', at('dense'), '--sparsity', '0.8', '-o', at('json')];
    const {code, stdout, stderr} = await tfmot(...args, '--json', '--quiet');
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    const {wrote, next} = JSON.parse(stdout);
    expect(wrote).toEqual({path: at('json'), bytes: await sizeOf(at('json')), files: 2, notes: []});
    expect(nextOf(`next: ${next}`)).toEqual(['compress', at('json'), '--step', 'auto', '-o', at('json.tfmz')]);
  });

  test('says nothing with --quiet', async () => {
    const silent = {code: 0, stdout: '', stderr: ''};
    expect(await tfmot('inspect', at('dense'), '-q')).toEqual(silent);
    expect(await tfmot('compress', at('dense'), '-o', at('quiet.tfmz'), '--quiet')).toEqual(silent);
    expect(await loaded(at('quiet.tfmz'))).toMatchObject({weightSpecs: artifacts().weightSpecs});
  });

  test('stops when asked to, and writes nothing', async () => {
    const stop = new AbortController();
    stop.abort(130);
    for (const args of [
      ['inspect', at('dense')],
      ['prune', at('dense'), '--sparsity', '0.5', '-o', at('stopped')],
      ['quantize', at('dense'), '-o', at('stopped.tfmz')],
      ['compress', at('dense'), '-o', at('stopped.tfmz')],
      ['decompress', at('four.tfmz'), '-o', at('stopped')],
    ]) {
      const ran = await tfmotWith({signal: stop.signal}, ...args);
      expect(ran).toEqual({code: 130, stdout: '', stderr: 'tfmot: Stopped. Nothing was written.\n'});
    }
    expect((await readdir(folder)).filter(name => name.startsWith('stopped'))).toEqual([]);
  });

  test('stops in the middle of its work, and writes nothing', async () => {
    const many = Float32Array.from({length: 2 ** 20}, (_, i) => Math.sin(i * i));
    await modelFolder(at('large')).save(kernels([many]));
    await compressedFile(at('large.tfmz')).save(kernels([many]));
    const before = await readdir(folder);
    for (const args of [
      ['inspect', at('large')],
      ['prune', at('large'), '--sparsity', '0.5', '-o', at('middle')],
      ['quantize', at('large'), '-o', at('middle.tfmz')],
      ['compress', at('large'), '--bits', '6', '-o', at('middle.tfmz')],
      ['decompress', at('large.tfmz'), '-o', at('middle')],
    ]) {
      const stop = new AbortController();
      const running = tfmotWith({signal: stop.signal}, ...args);
      // Reading comes first; the longest part follows.
      setTimeout(() => stop.abort(143), 20);
      expect(await running, args.join(' ')).toEqual({
        code: 143,
        stdout: '',
        stderr: 'tfmot: Stopped. Nothing was written.\n',
      });
    }
    expect(await readdir(folder)).toEqual(before);
  });

  test.each([['--help'], ['help', 'prune'], ['compress', '--help'], ['--version']])('has %s', async (...args) => {
    const {code, stdout, stderr} = await tfmot(...args);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
    if (args[0] === '--version') {
      const {version} = JSON.parse(await readFile(resolve(import.meta.dirname, '../../package.json'), 'utf8'));
      expect(stdout).toBe(`${version}\n`);
    } else expect(stdout).toContain('Usage: tfmot');
  });

  test('fits 80 columns, or as many as COLUMNS says, whatever the names', async () => {
    const {weightSpecs, ...rest} = artifacts();
    const long = (name: string): string => name.replace('/', `/${'block_of_a_network_with_long_names/'.repeat(3)}`);
    await modelFolder(at('long')).save({
      ...rest,
      weightSpecs: weightSpecs.map(spec => ({...spec, name: long(spec.name)})),
    });
    for (const columns of [80, 120]) {
      for (const args of [['inspect'], ['quantize', '-o', at('q')], ['compress', '--bits', '8', '-o', at('q.tfmz')]]) {
        const [name, ...options] = args;
        const {stdout} = await tfmotWith({env: {COLUMNS: String(columns)}}, name!, at('long'), ...options);
        await rm(at('q'), {recursive: true, force: true});
        await rm(at('q.tfmz'), {force: true});
        expect(stdout).toContain('…');
        for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(columns);
      }
    }
  });
});

describe('what cannot be', () => {
  const WRONG: readonly (readonly [code: number, error: string, message: string, args: readonly string[]])[] = [
    [2, 'invalid-argument', 'Did you mean 0.9 or 90%?', ['prune', 'dense', '--sparsity', '90', '-o', 'x']],
    [2, 'invalid-argument', "argument '0,8,1' is invalid", ['prune', 'dense', '--sparsity', '0,8,1', '-o', 'x']],
    [2, 'invalid-argument', '--sparsity, such as', ['prune', 'dense', '-o', 'x']],
    [2, 'invalid-argument', 'leave out --block', ['prune', 'dense', '--m-by-n', '2,4', '--block', '2,2', '-o', 'x']],
    [
      2,
      'invalid-argument',
      'leave out --block',
      ['prune', 'dense', '--sparsity', '0.5', '--global', '--block', '2,2', '-o', 'x'],
    ],
    [2, 'invalid-argument', 'add --global', ['prune', 'dense', '--sparsity', '0.5', '--min-kept', '0', '-o', 'x']],
    [2, 'invalid-argument', 'at most 3 can be zero', ['prune', 'dense', '--m-by-n', '4,4', '-o', 'x']],
    [2, 'invalid-argument', 'Did you mean --sparsity?', ['prune', 'dense', '--sparcity', '0.9', '-o', 'x']],
    [2, 'invalid-argument', 'Did you mean compress?', ['comprss', 'dense']],
    [2, 'invalid-argument', "missing required argument 'model'", ['inspect']],
    [2, 'invalid-argument', 'no weight fits nothing', ['quantize', 'dense', '--exclude', 'nothing', '-o', 'x']],
    [
      2,
      'invalid-argument',
      'Give one of --bits',
      ['compress', 'dense', '--bits', '4', '--step', 'auto', '-o', 'x.tfmz'],
    ],
    [2, 'invalid-argument', 'give one of those', ['compress', 'dense', '--all', '-o', 'x.tfmz']],
    [2, 'invalid-argument', 'nothing to unpack', ['decompress', 'dense', '-o', 'x']],
    [1, 'file-not-found', 'Did you mean', ['inspect', 'dnse']],
    [1, 'unsupported-model', 'is a folder without model.json', ['inspect', '.']],
  ];

  test.each(WRONG)('exits with %i, %s: %s', async (code, error, message, args) => {
    const here = args.map((word, i) => (i === 1 || args[i - 1] === '-o' ? at(word) : word));
    const {stderr, ...text} = await tfmot(...here);
    expect(text).toEqual({code, stdout: ''});
    expect(stderr.replace(/\n +/g, ' ')).toContain(message);
    expect(stderr).toMatch(/^tfmot: /);
    expect(stderr).not.toMatch(/\n {4}at /);
    const json = await tfmot(...here, '--json');
    expect({code: json.code, stderr: json.stderr}).toEqual({code, stderr: ''});
    const parsed = JSON.parse(json.stdout);
    expect(Object.keys(parsed)).toEqual(['error']);
    expect(parsed.error.code).toBe(error);
    expect(parsed.error.message).toContain(message);
    expect((await readdir(folder)).filter(name => name.startsWith('x'))).toEqual([]);
  });

  test('a file that takes more than the limits is decoded with --no-limits alone', async () => {
    // 42 bytes that decode to 256 MiB of zeros, of a layer nobody knows.
    await writeFile(at('bomb.tfmz'), Buffer.from('VEZNWgIBFP4OmbJYulT00hg+kGnHLHGGqxe5rWc4mgIFhf+ADP3avLFz', 'base64'));
    const prune = (...more: string[]) =>
      tfmot('prune', at('bomb.tfmz'), '--sparsity', '0.5', '-o', at('exploded'), ...more);
    const refused = await prune();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('(maxBytes)');
    expect(refused.stderr).toContain('(--no-limits decodes a file that you trust)');
    expect(JSON.parse((await prune('--json')).stdout).error.code).toBe('memory-limit');
    expect(JSON.parse((await prune('--json', '--no-limits')).stdout).error.code).toBe('nothing-to-prune');
    expect(inspectCommandFor({path: 'a.tfmz', limits: {maxBytes: 1}})).toEqual([
      'tfmot',
      'inspect',
      'a.tfmz',
      '--no-limits',
    ]);
  });

  test('prints the help when it is given nothing', async () => {
    const {code, stdout, stderr} = await tfmot();
    expect({code, stdout}).toEqual({code: 2, stdout: ''});
    expect(stderr).toContain('Usage: tfmot');
  });

  test('an error that nobody foresaw keeps its stack, and its own code in JSON', async () => {
    const terminal = (await tfmotWith({env: {}}, 'inspect', at('dense'))).stdout;
    expect(terminal).not.toBe('');
    const broken = {
      stdout: {
        write: () => {
          throw new TypeError('no such stream');
        },
      },
      stderr: {write: () => undefined},
      env: {},
    };
    const {run} = await import('./program.ts');
    let said = '';
    const stderr = {write: (text: string) => (said += text)};
    expect(
      await run(['inspect', at('dense')], {terminal: {...broken, stderr}, signal: new AbortController().signal}),
    ).toBe(1);
    expect(said).toMatch(/^tfmot: no such stream\n +at /);
  });
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
  visit(resolve(import.meta.dirname, 'main.ts'));
  expect(seen.size).toBeGreaterThan(20);
});

/** Bytes of the files of a model, counted without the command. */
async function sizeOf(path: string): Promise<number> {
  if (path.endsWith('.tfmz')) return (await stat(path)).size;
  const home = path.endsWith('.json') ? dirname(path) : path;
  const sizes = await Promise.all((await readdir(home)).map(async name => (await stat(join(home, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

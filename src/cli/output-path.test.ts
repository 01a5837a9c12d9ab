import {mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {compressedFile} from '../node/compressed-file.ts';
import {modelFolder} from '../node/model-folder.ts';
import {artifacts, tfmot, zeros} from './_run.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-output-'));
  await modelFolder(at('dense')).save(artifacts());
  await compressedFile(at('packed.tfmz')).save(artifacts());
});
afterEach(() => rm(folder, {recursive: true}));

/** Every command that writes, with a model it reads and an output of its kind. */
const WRITERS: readonly (readonly [name: string, model: string, output: string, ...options: string[]])[] = [
  ['prune', 'dense', 'out', '--sparsity', '0.5'],
  ['prune', 'dense', 'out.tfmz', '--sparsity', '0.5'],
  ['quantize', 'dense', 'out'],
  ['quantize', 'dense', 'out.tfmz'],
  ['compress', 'dense', 'out.tfmz'],
  ['decompress', 'packed.tfmz', 'out'],
];

/** What is no model, and so never replaced. */
const NO_MODELS: readonly (readonly [what: string, make: (output: string) => Promise<unknown>])[] = [
  ['a text', output => writeFile(output, 'a day of work')],
  ['a folder of other files', output => mkdir(output).then(() => writeFile(join(output, 'notes.txt'), 'work'))],
  [
    'a graph model',
    async output => {
      await mkdir(output);
      await writeFile(join(output, 'model.json'), '{"format": "graph-model", "modelTopology": {}}');
    },
  ],
];

describe.each(WRITERS)('tfmot %s %s -o %s', (name, model, output, ...options) => {
  const write = (...more: string[]) => tfmot(name, at(model), ...options, '-o', at(output), ...more);
  /** Everything in the test's folder, with what is in it. */
  const all = async (): Promise<unknown> => {
    const names = (await readdir(folder, {recursive: true})).sort();
    return Promise.all(names.map(async one => [one, await readFile(at(one), 'latin1').catch(() => 'a folder')]));
  };

  test.each(NO_MODELS)('leaves %s alone, --force or not', async (_, make) => {
    await make(at(output));
    const before = await all();
    for (const more of [[], ['--force'], ['--json']]) {
      const {code, stdout, stderr} = await write(...more);
      expect(code).toBe(1);
      expect((stdout + stderr).replace(/\n +/g, ' ')).toContain('only models are replaced');
    }
    expect(await all()).toEqual(before);
  });

  test('replaces a model with --force alone, and writes where an empty folder or file is', async () => {
    if (output.endsWith('.tfmz')) await writeFile(at(output), '');
    else await mkdir(at(output));
    expect(await write()).toMatchObject({code: 0, stderr: ''});
    const before = await all();
    const {code, stderr} = await write();
    expect(code).toBe(1);
    expect(stderr.replace(/\n +/g, ' ')).toContain('holds a model already. Choose another path, or add --force');
    expect(await all()).toEqual(before);
    expect(await write('--force')).toMatchObject({code: 0, stderr: ''});
  });

  test('says why it wants -o, and proposes one', async () => {
    const {code, stderr} = await tfmot(name, at(model), ...options);
    expect(code).toBe(2);
    const [, proposed] = /-o (\S+)\n$/.exec(stderr.replace(/\n +/g, ' '))!;
    expect(await tfmot(name, at(model), ...options, '-o', proposed!)).toMatchObject({code: 0, stderr: ''});
  });

  test.each(['x.h5', 'x.keras', 'x.onnx', 'x.bin'])('does not write %s', async wrong => {
    const {code, stderr} = await tfmot(name, at(model), ...options, '-o', at(wrong));
    expect(code).toBe(2);
    expect(stderr).toContain('The output must');
  });
});

describe('the output', () => {
  test('may be the model that is read, with --force', async () => {
    for (const [model, output] of [
      ['dense', 'dense'],
      ['dense/model.json', 'dense'],
      ['dense', 'dense/model.json'],
      ['packed.tfmz', 'packed.tfmz'],
    ]) {
      const args = ['prune', at(model!), '--sparsity', '0.5', '-o', at(output!)];
      const {code, stderr} = await tfmot(...args);
      expect(code).toBe(1);
      expect(stderr.replace(/\n +/g, ' ')).toContain('is the model that is read. Choose another path, or add --force');
      expect(await tfmot(...args, '--force')).toMatchObject({code: 0, stderr: ''});
      expect((await zeros(at(output!)))['inner/out/kernel']).toBe(256);
    }
  });

  test('of one kind does not take the place of the other', async () => {
    await compressedFile(at('packed')).save(artifacts());
    await modelFolder(at('folder.tfmz')).save(artifacts());
    for (const output of ['packed', 'folder.tfmz']) {
      const {code, stderr} = await tfmot('quantize', at('dense'), '-o', at(output), '--force');
      expect(code).toBe(1);
      expect(stderr).toContain('cannot become');
    }
  });

  test('is a model.json among other files where the path names it', async () => {
    await mkdir(at('site'));
    await writeFile(at('site/index.html'), 'a page');
    const refused = await tfmot('quantize', at('dense'), '-o', at('site'));
    expect(refused.stderr.replace(/\n +/g, ' ')).toContain(`-o ${at('site/model.json')}`);
    expect((await tfmot('quantize', at('dense'), '-o', at('site/model.json'))).code).toBe(0);
    expect((await tfmot('quantize', at('dense'), '-o', at('site'), '--force')).code).toBe(0);
    expect(await readFile(at('site/index.html'), 'utf8')).toBe('a page');
  });

  test('is no link, and what it leads to stays as it is', async () => {
    await symlink(at('packed.tfmz'), at('link.tfmz'));
    await symlink(at('nowhere'), at('nowhere.tfmz'));
    for (const output of ['link.tfmz', 'nowhere.tfmz']) {
      const {code, stderr} = await tfmot('prune', at('dense'), '--sparsity', '0.5', '-o', at(output), '--force');
      expect(code).toBe(1);
      expect(stderr).toContain('symbolic link');
    }
    expect((await zeros(at('packed.tfmz')))['inner/out/kernel']).toBe(0);
  });

  test('may hold what a save left that was cut off', async () => {
    await mkdir(at('cut/..tfmot-lock'), {recursive: true});
    await writeFile(at('cut/weights-0123456789abcdef.bin'), 'x');
    await writeFile(at('cut/..tfmot-lock-1-ab-cd-0.tmp'), 'x');
    expect(await tfmot('quantize', at('dense'), '-o', at('cut'))).toMatchObject({code: 0, stderr: ''});
  });

  test('that cannot be made is an error soon, whatever the file system says', async () => {
    const {code, stderr} = await tfmot('prune', at('dense'), '--sparsity', '0.5', '-o', '/proc/x');
    expect(code).toBe(1);
    expect(stderr).toContain('tfmot: Could not write');
  });

  test('lies in a folder that can be made, or nothing is written', async () => {
    await writeFile(at('file'), 'x');
    const {code, stderr} = await tfmot('prune', at('dense'), '--sparsity', '0.5', '-o', at('file/below'));
    expect(code).toBe(1);
    expect(stderr).toContain('tfmot: Could not write');
  });
});

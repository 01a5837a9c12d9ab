import {spawn} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const SMALL = ['--model', 'lenet-300-100', '--images', '5120', '--epochs', '1'];

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-mnist-'));
});
afterAll(() => rm(folder, {recursive: true}));

/** Runs the example, and interrupts it when its stderr says `interruptAt`. */
async function demo(args: readonly string[], interruptAt?: string): Promise<Finished> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/mnist/main.ts', ...args], {cwd: ROOT});
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', chunk => (stdout += chunk));
  child.stderr.on('data', chunk => {
    stderr += chunk;
    if (interruptAt !== undefined && !child.killed && stderr.includes(interruptAt)) child.kill('SIGINT');
  });
  const code = await new Promise<number | null>(done => child.on('close', done));
  return {code, stdout, stderr};
}

/** The name of a weight file is the digest of its contents. */
async function weightFiles(model: string): Promise<string[]> {
  return JSON.parse(await readFile(join(model, 'model.json'), 'utf8')).weightsManifest[0].paths;
}

describe('the MNIST example', () => {
  test('trains, prunes to exactly 90 % per kernel, saves and reports both models', async () => {
    const out = join(folder, 'whole');
    const {code, stdout, stderr} = await demo([...SMALL, '--out', out]);
    expect(stderr).toContain('266,610 parameters');
    expect(code).toBe(0);
    expect(stdout).toMatch(/dense\s+│\s+\d+\.\d\d %\s+│\s+266,610\s+│\s+1,066,440/);
    const {dense, pruned, kernels} = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
    expect(kernels.map(({size, nonZeros}: {size: number; nonZeros: number}) => [size, nonZeros])).toEqual([
      [235_200, 23_520],
      [30_000, 3_000],
      [1_000, 100],
    ]);
    expect(dense.accuracy).toBeGreaterThan(0.8);
    expect(pruned.accuracy).toBeGreaterThan(0.8);
    expect(pruned.gzipBytes).toBeLessThan(0.2 * dense.gzipBytes);
  });

  test('goes on after each Ctrl-C as if nothing had happened', async () => {
    const out = join(folder, 'interrupted');
    let args: readonly string[] = [...SMALL, '--out', out];
    for (const stage of ['dense', 'pruning']) {
      const {code, stderr} = await demo(args, `${stage}: 0/`);
      expect(code).toBe(130);
      expect(stderr).toContain(`Stopped in the ${stage} stage.`);
      args = /npm run demo -- (--resume \S+)/.exec(stderr)![1]!.split(' ');
    }
    expect((await demo(args)).code).toBe(0);
    for (const model of ['dense', 'pruned']) {
      expect(await weightFiles(join(out, model))).toEqual(await weightFiles(join(folder, 'whole', model)));
    }
  });

  test.each([
    [['--sparsity', '90'], 'Did you mean 0.9?'],
    [['--model', 'toString'], '--model must be mnist-cnn or lenet-300-100'],
    [['--block', '4'], '--block must be two whole numbers'],
    [['--epochs', '0'], '--epochs must be a whole number of at least 1'],
    [['--images', '60001'], '--images must be a whole number from 1 to 60000'],
    [['--resume', 'x', '--seed', '2'], 'give no others'],
    [['--rezume', 'x'], '--rezume'],
  ])('refuses %j', async (args, message) => {
    const {parseCommandLine} = await import('../../examples/mnist/options.ts');
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

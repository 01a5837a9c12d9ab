import {execFileSync, spawn} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {mkdtemp, readFile, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
/** Whole trainings, which a busy machine takes a while for. */
const LONG = {timeout: 600_000};
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

/** Runs the example, and sends it a signal as soon as `when` says so. */
async function demo(
  args: readonly string[],
  signal: NodeJS.Signals = 'SIGINT',
  when: (stderr: string) => boolean = () => false,
): Promise<Finished> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/mnist/main.ts', ...args], {cwd: ROOT});
  let stdout = '';
  let stderr = '';
  const look = (): void => {
    if (!child.killed && when(stderr)) child.kill(signal);
  };
  const looking = setInterval(look, 5);
  child.stdout.on('data', chunk => (stdout += chunk));
  child.stderr.on('data', chunk => {
    stderr += chunk;
    look();
  });
  const code = await new Promise<number | null>(done => child.on('close', done));
  clearInterval(looking);
  return {code, stdout, stderr};
}

/** The arguments of the command that a run says goes on from its checkpoint, as a shell takes them apart. */
function resumeArguments(stderr: string): string[] {
  const command = /^ {2}npm run demo -- (.+)$/m.exec(stderr)![1]!;
  return execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], {encoding: 'utf8'})
    .split('\0')
    .slice(0, -1);
}

/** Where the checkpoint in a folder stands; undefined before there is one. */
function positionIn(out: string): {stage: string; step: number} | undefined {
  try {
    return JSON.parse(readFileSync(join(out, 'checkpoint/model.json'), 'utf8')).userDefinedMetadata.position;
  } catch {
    return undefined;
  }
}

/** The models of a run are those of one that nothing stopped. */
async function expectSameModels(out: string): Promise<void> {
  for (const model of ['dense', 'pruned']) {
    expect(await weightFiles(join(out, model))).toEqual(await weightFiles(join(folder, 'whole', model)));
    expect((await readFile(join(out, model, 'model.json'), 'utf8')).includes('position')).toBe(false);
  }
  expect(existsSync(join(out, 'checkpoint'))).toBe(false);
}

/** The name of a weight file is the digest of its contents. */
async function weightFiles(model: string): Promise<string[]> {
  return JSON.parse(await readFile(join(model, 'model.json'), 'utf8')).weightsManifest[0].paths;
}

describe('the MNIST example', () => {
  test('trains, prunes to exactly 90 % per kernel, saves and reports both models', LONG, async () => {
    const out = join(folder, 'whole');
    const {code, stdout, stderr} = await demo([...SMALL, '--out', out]);
    expect(stderr).toContain('266,610 parameters');
    expect(code).toBe(0);
    expect(stdout).toMatch(/dense\s+│\s+\d+\.\d\d %\s+│\s+266,610\s+│\s+1,066,440/);
    const {dense, pruned, kernels, tfmz, speed} = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
    expect(kernels.map(({size, nonZeros}: {size: number; nonZeros: number}) => [size, nonZeros])).toEqual([
      [235_200, 23_520],
      [30_000, 3_000],
      [1_000, 100],
    ]);
    expect(dense.accuracy).toBeGreaterThan(0.8);
    expect(pruned.accuracy).toBeGreaterThan(0.8);
    expect(pruned.gzipBytes).toBeLessThan(0.2 * dense.gzipBytes);
    for (const line of (stdout + stderr).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);

    // The headline: the file as it is on the disk, and what is proposed next works.
    expect(tfmz.bytes).toBe((await stat(tfmz.path)).size);
    expect(tfmz.bytes).toBeLessThan(0.25 * pruned.gzipBytes);
    expect(tfmz.accuracy).toBeGreaterThan(pruned.accuracy - 0.01);
    expect(speed.agreement).toBe(1);
    expect(speed.engineMs).toBeGreaterThan(0);
    const percent = `${(100 * tfmz.accuracy).toFixed(2)} %`;
    expect(stdout).toContain(`${tfmz.bytes.toLocaleString('en-US')} bytes as .tfmz`);
    expect(stdout).toContain(`with ${percent} of the test images right`);
    expect(stdout).toContain(`${speed.ratio.toFixed(1)} times as fast as TensorFlow.js`);
    const [, next] = /^next: npx tfmot (.+)$/m.exec(stdout)!;
    const {run} = await import('../../src/cli/program.ts');
    let said = '';
    const stream = {write: (text: string) => (said += text)};
    const terminal = {stdout: stream, stderr: stream, env: {}};
    expect(await run(next!.split(' '), {terminal, signal: new AbortController().signal})).toBe(0);
    expect(said).toContain('dense_Dense1/kernel');
  });

  test('goes on after each Ctrl-C as if nothing had happened', LONG, async () => {
    const out = join(folder, 'interrupted');
    let args: readonly string[] = [...SMALL, '--out', out];
    for (const stage of ['dense', 'pruning']) {
      const {code, stderr} = await demo(args, 'SIGINT', said => said.includes(`${stage}: 0/`));
      expect(code).toBe(130);
      const [said, command] = stderr.split(`Stopped in the ${stage} stage. To go on:\n\n`);
      expect(said).toContain('Saves a checkpoint every 30 s.');
      args = resumeArguments(command!);
    }
    expect((await demo(args)).code).toBe(0);
    await expectSameModels(out);
  });

  test('goes on from its last checkpoint after each kill as if nothing had happened', LONG, async () => {
    const out = join(folder, "it's killed");
    let args: readonly string[] = [...SMALL, '--out', out, '--checkpoint-seconds', '0'];
    for (const [stage, step] of [
      ['dense', 5],
      ['pruning', 0],
      ['pruning', 20],
    ] as const) {
      const reached = (): boolean => {
        const position = positionIn(out);
        return position?.stage === stage && position.step >= step;
      };
      const {code, stderr} = await demo(args, 'SIGKILL', reached);
      expect(code).toBe(null);
      args = resumeArguments(stderr);
      expect(args).toEqual(['--resume', join(out, 'checkpoint')]);
    }
    const {code, stderr} = await demo(args);
    expect(code).toBe(0);
    expect(stderr).toMatch(/Goes on in the pruning stage after step (2\d|3\d)\./);
    await expectSameModels(out);
  });

  test('says that an earlier run was cut off, and how to go on with it', LONG, async () => {
    const out = join(folder, 'twice');
    for (const before of [false, true]) {
      const {stderr} = await demo([...SMALL, '--out', out], 'SIGINT', said => said.includes('dense: 0/'));
      expect(stderr.includes('An earlier run was cut off here.')).toBe(before);
      expect(resumeArguments(stderr)).toEqual(['--resume', join(out, 'checkpoint')]);
    }
  });

  test.each([
    [['--sparsity', '90'], 'Did you mean 0.9?'],
    [['--model', 'toString'], '--model must be mnist-cnn or lenet-300-100'],
    [['--block', '4'], '--block must be two whole numbers'],
    [['--checkpoint-seconds', '-1'], '--checkpoint-seconds'],
    [['--epochs', '0'], '--epochs must be a whole number of at least 1'],
    [['--images', '60001'], '--images must be a whole number from 1 to 60000'],
    [['--resume', 'x', '--seed', '2'], 'give no others'],
    [['--rezume', 'x'], '--rezume'],
  ])('refuses %j', async (args, message) => {
    const {parseCommandLine} = await import('../../examples/mnist/options.ts');
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

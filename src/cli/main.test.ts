import {type ChildProcess, spawn} from 'node:child_process';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {modelFolder} from '../node/model-folder.ts';
import {kernels} from './_run.ts';

const MAIN = resolve(import.meta.dirname, 'main.ts');

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-main-'));
  await modelFolder(at('many')).save(kernels(Array.from({length: 6000}, () => new Float32Array(1).fill(1))));
});
afterAll(() => rm(folder, {recursive: true}));

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', MAIN, ...args]);
}

async function finish(child: ChildProcess): Promise<{code: number | null; stdout: string; stderr: string}> {
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', chunk => (stdout += chunk));
  child.stderr!.on('data', chunk => (stderr += chunk));
  const code = await new Promise<number | null>(done => child.on('close', done));
  return {code, stdout, stderr};
}

describe('the program', () => {
  test('hands on the exit code, and errors on stderr alone', async () => {
    expect(await finish(start('prune', at('many'), '--sparsity', '90', '-o', at('x')))).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Did you mean 0.9'),
    });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('stops at %s with %i and writes nothing', async (signal, code) => {
    // The program signals itself as soon as it listens, whenever that is.
    const once = `const i = setInterval(() => {
      if (process.listenerCount('${signal}') === 0) return;
      clearInterval(i);
      process.kill(process.pid, '${signal}');
    }, 1);`;
    const args = ['--import', 'tsx', '--import', `data:text/javascript,${encodeURIComponent(once)}`, MAIN];
    const child = spawn(process.execPath, [...args, 'compress', at('many'), '-o', at('stopped.tfmz')]);
    expect(await finish(child)).toEqual({code, stdout: '', stderr: 'tfmot: Stopped. Nothing was written.\n'});
    expect((await readdir(folder)).filter(name => name.startsWith('stopped'))).toEqual([]);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('ends at a second %s at once with %i, whatever it does', async (signal, code) => {
    const twice = `const i = setInterval(() => {
      if (process.listenerCount('${signal}') === 0) return;
      clearInterval(i);
      process.emit('${signal}');
      process.emit('${signal}');
    }, 1);`;
    const args = ['--import', 'tsx', '--import', `data:text/javascript,${encodeURIComponent(twice)}`, MAIN];
    const child = spawn(process.execPath, [...args, 'compress', at('many'), '-o', at('stopped.tfmz')]);
    expect(await finish(child)).toEqual({code, stdout: '', stderr: ''});
  });

  test('does its work and stays silent when whoever reads it has seen enough', async () => {
    const child = start('quantize', at('many'), '-o', at('quantized'));
    child.stdout!.destroy();
    expect(await finish(child)).toEqual({code: 0, stdout: '', stderr: ''});
    expect(await readdir(at('quantized'))).toContain('model.json');
  });
});

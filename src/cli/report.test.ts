import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {modelFolder} from '../node/model-folder.ts';
import {recordRun} from '../node/record-run.ts';
import {artifacts, tfmot} from './_run.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot report-'));
  await modelFolder(at('dense')).save(artifacts());
  const {onRecord} = recordRun({dir: at('run'), about: {seed: 7}});
  const weight = {name: 'conv/kernel', shape: [2, 2], sparsity: 0.5, planned: 0.5, threshold: 0.1};
  const mask = async () => Float32Array.of(1, 0, 0, 1);
  await onRecord({kind: 'begin', step: 0, weights: [{...weight, sparsity: 0, planned: 0, mask}]});
  await onRecord({kind: 'update', step: 4, weights: [{...weight, mask}]});
  await onRecord({kind: 'epoch', step: 8, epoch: 0, logs: {loss: 0.25}, weights: []});
  await mkdir(at('broken'));
  await writeFile(at('broken/run.json'), '{"kind": "tfmot-run"');
});
afterAll(() => rm(folder, {recursive: true}));

describe('tfmot report', () => {
  test.each(['html', 'md', 'txt', 'json'])('of a model as .%s', async form => {
    const {code, stdout} = await tfmot('report', at('dense'), '-o', at(`a.${form}`));
    expect(code).toBe(0);
    expect(stdout).toContain(`wrote ${at(`a.${form}`)}`);
    const text = await readFile(at(`a.${form}`), 'utf8');
    expect(text.replaceAll('\\', '')).toContain('inner/out/kernel');
    if (form === 'json') expect(JSON.parse(text)).toMatchObject({kind: 'tfmot-report', title: 'dense'});
  });

  test('of a run alone, and of a model with its run', async () => {
    expect((await tfmot('report', at('run'), '-o', at('run.json'))).code).toBe(0);
    const alone = JSON.parse(await readFile(at('run.json'), 'utf8'));
    expect(alone).toMatchObject({title: 'run', run: {about: {seed: 7}, epochs: [{logs: {loss: 0.25}}]}});
    expect((await tfmot('report', at('dense'), '--run', at('run'), '--no-latency', '-o', at('both.json'))).code).toBe(
      0,
    );
    const both = JSON.parse(await readFile(at('both.json'), 'utf8'));
    expect(both.run).toEqual(alone.run);
    expect(both.weights).toHaveLength(5);
    expect(both).not.toHaveProperty('latency');
  });

  test.each([
    ['no output', ['dense'], 2, /Say where to write with -o/],
    ['another form', ['dense', '-o', 'a.pdf'], 2, /ends in \.html/],
    ['a report that is there', ['dense', '-o', 'there.html'], 1, /is there already/],
    ['a folder in its place', ['dense', '-o', 'dir.html', '--force'], 1, /is no file/],
    ['a run that is no JSON', ['broken', '-o', 'b.html'], 1, /must be JSON/],
    ['a folder without run or model', ['dir.html', '-o', 'b.html'], 1, /Name a model/],
    ['no model at all', ['nothing', '-o', 'b.html'], 1, /There is no file/],
    ['a folder that cannot be written to', ['dense', '-o', '/proc/x/b.html'], 1, /could not|cannot/i],
  ])('%s is refused, and nothing is written', async (_name, args, expected, message) => {
    await writeFile(at('there.html'), 'mine');
    await mkdir(at('dir.html'), {recursive: true});
    const words = args.map((word, i) => (i === 0 || (args[i - 1] === '-o' && !word.startsWith('/')) ? at(word) : word));
    const {code, stderr} = await tfmot('report', ...words);
    expect(code).toBe(expected);
    expect(stderr.replace(/\n +/g, ' ')).toMatch(message);
    expect((await readdir(folder)).filter(name => name.startsWith('b.'))).toEqual([]);
    expect(await readFile(at('there.html'), 'utf8')).toBe('mine');
  });
});

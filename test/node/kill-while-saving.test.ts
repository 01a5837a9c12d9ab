import {spawn} from 'node:child_process';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {compressedFile, type ModelFile, modelFolder, writeFileAtomic} from 'tfjs-model-optimization/node';
import {afterAll, beforeAll, expect, test} from 'vitest';

const KILLS = process.env['TFMOT_TEST_FULL'] ? 50 : 4;
const PROGRAM = resolve(import.meta.dirname, '_save-forever.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfmot-kill-'));
});
afterAll(() => rm(folder, {recursive: true}));

/** Lets the program save at least once, then kills it `ms` later. */
async function saveAndKill(ms: number): Promise<void> {
  const args = ['--import', 'tsx', PROGRAM, join(folder, 'model'), join(folder, 'model.tfmz')];
  const child = spawn(process.execPath, args, {stdio: ['ignore', 'pipe', 'inherit']});
  const closed = new Promise(done => child.on('close', done));
  await new Promise(done => child.stdout.once('data', done));
  await sleep(ms);
  child.kill('SIGKILL');
  await closed;
}

/** The one value of all weights of a whole model; anything else throws or differs. */
async function wholeModel(handler: ModelFile): Promise<{value: number; same: boolean; name: string}> {
  const {weightData, modelTopology} = await handler.load();
  const values = new Float32Array(weightData as ArrayBuffer);
  const value = values[0]!;
  const {name} = (modelTopology as {config: {name: string}}).config;
  return {value, same: values.every(other => other === value), name};
}

test(`a process killed ${KILLS} times while it saves leaves a whole model each time`, async () => {
  let leftovers = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    await saveAndKill((kill * 37) % 101);
    for (const handler of [modelFolder(join(folder, 'model')), compressedFile(join(folder, 'model.tfmz'))]) {
      const {value, same, name} = await wholeModel(handler);
      expect([1, 2]).toContain(value);
      expect({same, name}).toEqual({same: true, name: `model_of_${value}`});
    }
    // Two weight files and model.json are the whole model: more shows that a save was cut short.
    if ((await readdir(join(folder, 'model'))).length > 3) leftovers++;
  }
  // If no kill ever hit a save, this test has shown nothing.
  if (KILLS > 10) expect(leftovers).toBeGreaterThan(0);
  await modelFolder(join(folder, 'model')).save({
    modelTopology: {},
    weightSpecs: [],
    weightData: new ArrayBuffer(0),
  });
  expect(await readdir(join(folder, 'model'))).toEqual(['model.json']);
  await writeFileAtomic(join(folder, 'model.tfmz'), ['']);
  expect((await readdir(folder)).sort()).toEqual(['model', 'model.tfmz']);
}, 900_000);

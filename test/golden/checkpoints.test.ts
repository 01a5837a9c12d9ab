import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {modelFolder} from 'tfjs-model-optimization/node';
import {beforeAll, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {disposeModel} from '../sparsity/_training.ts';
import {CASES, type Outcome, outcomeOf, trainSteps, weightLines} from './_checkpoint-cases.ts';
import {sha256} from './_digests.ts';

const leaks = checkLeaks();

const FOLDER = new URL('../fixtures/checkpoints/', import.meta.url);
const EXPECTED: Readonly<Record<string, {modelJson: string; stripped: readonly string[]; end: Outcome}>> = JSON.parse(
  readFileSync(new URL('outcomes.json', FOLDER), 'utf8'),
);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test('every training has its checkpoint', () => {
  expect(Object.keys(EXPECTED)).toEqual(Object.keys(CASES));
});

test.each(Object.keys(EXPECTED))(
  'a checkpoint of version 0.1 loads, strips and resumes bit for bit: %s',
  async name => {
    const {data, savedAt} = CASES[name]!;
    const {modelJson, stripped, end} = EXPECTED[name]!;
    const folder = fileURLToPath(new URL(name, FOLDER));
    expect(sha256(readFileSync(`${folder}/model.json`))).toBe(modelJson);

    const model = await tf.loadLayersModel(modelFolder(folder));
    const plain = sparsity.stripPruning(model);
    expect(weightLines(plain)).toEqual(stripped);
    expect(JSON.stringify(plain.toJSON(undefined, false))).not.toContain('PruneLowMagnitude');

    await trainSteps(model, data, savedAt);
    expect(await outcomeOf(model)).toEqual(end);

    model.optimizer.dispose();
    for (const each of [model, plain]) disposeModel(each);
    // TF.js itself leaves the momentum of every such optimizer.
    leaks.expect(name.endsWith('-adam') ? 0 : 1);
  },
);

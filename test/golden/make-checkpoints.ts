// Makes the checkpoints that are not there yet: `npx tsx test/golden/make-checkpoints.ts`. One that is there stays as
// it is, because it stands for the checkpoints that people have; give a new kind of training a new name in
// _checkpoint-cases.ts.
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {modelFolder} from 'tfjs-model-optimization/node';
import {CASES, type Outcome, outcomeOf, trainSteps, weightLines} from './_checkpoint-cases.ts';
import {sha256} from './_digests.ts';

const FOLDER = new URL('../fixtures/checkpoints/', import.meta.url);
const TABLE = new URL('outcomes.json', FOLDER);

interface Expected {
  readonly modelJson: string;
  readonly stripped: readonly string[];
  readonly end: Outcome;
}

await tf.setBackend('cpu');
const table: Record<string, Expected> = existsSync(TABLE) ? JSON.parse(readFileSync(TABLE, 'utf8')) : {};
for (const [name, {make, options, optimizer, data, savedAt}] of Object.entries(CASES)) {
  if (name in table) continue;
  const model = sparsity.pruneLowMagnitude(make(), options as sparsity.PruneOptions);
  model.compile({optimizer: optimizer(), loss: 'meanSquaredError'});
  await trainSteps(model, data, 0, savedAt);
  const folder = new URL(name, FOLDER);
  await model.save(modelFolder(fileURLToPath(folder)), {includeOptimizer: true});
  const stripped = weightLines(sparsity.stripPruning(model));
  // The same model goes on in memory: what a loaded one must end in.
  await trainSteps(model, data, savedAt);
  const {weights} = await sparsity.summarize(model);
  table[name] = {
    modelJson: sha256(readFileSync(`${fileURLToPath(folder)}/model.json`)),
    stripped,
    end: await outcomeOf(model),
  };
  console.log(name, ...weights.map(weight => `${weight.layer} ${weight.sparsity.toFixed(2)}`));
}
writeFileSync(TABLE, `${JSON.stringify(table, undefined, 2)}\n`);

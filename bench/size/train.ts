// Trains the models of the size table anew and keeps them in .cache/size: part of `npm run bench:size -- --full`.
import '@tensorflow/tfjs-backend-wasm';
import {writeFile} from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';
import {modelFolder} from 'tfjs-model-optimization/node';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {loadMnist} from '../../examples/mnist/data.ts';
import {savedAccuracyOf} from './accuracy.ts';
import {RECIPES} from './recipes.ts';
import {retrain} from './retrain.ts';

await tf.setBackend('wasm');
registerTrainingKernels();
const data = await loadMnist();
for (const recipe of RECIPES) {
  if (process.argv.length > 2 && !process.argv.includes(recipe.name)) continue;
  const {artifacts, denseAccuracy} = await retrain(recipe, data);
  const folder = `.cache/size/${recipe.name}`;
  await modelFolder(folder).save(artifacts);
  const accuracy = await savedAccuracyOf(artifacts, data.test);
  await writeFile(`${folder}/trained.json`, `${JSON.stringify({denseAccuracy, accuracy})}\n`);
  process.stderr.write(`${recipe.title}: dense ${denseAccuracy} %, sparse ${accuracy} %\n`);
}

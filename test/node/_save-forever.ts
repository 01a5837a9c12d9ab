/**
 * Saves one of two models after the other to the folder and the file it is given, and reads them, until it is killed.
 */
import {compressedFile, modelFolder} from 'tfjs-model-optimization/node';
import {modelOf, valueIn} from './_models.ts';

const [folder, file] = process.argv.slice(2);
const [large, small] = [modelFolder(folder!), compressedFile(file!)];

for (let value = 1; ; value = 3 - value) {
  await large.save(modelOf(value, 1_100_000));
  await small.save(modelOf(value, 2_000));
  for (const handler of [large, small]) await valueIn(handler);
  process.stdout.write('.');
}

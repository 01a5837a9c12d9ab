/** Saves one of two models after the other to the folder and the file it is given, until it is killed. */
import {compressedFile, modelFolder} from 'tfjs-model-optimization/node';

const [folder, file] = process.argv.slice(2);

/** A model of so many weights, all of one value. */
function model(value: number, weights: number): Parameters<ReturnType<typeof modelFolder>['save']>[0] {
  return {
    modelTopology: {class_name: 'Sequential', config: {name: `model_of_${value}`, layers: []}},
    weightSpecs: [{name: 'kernel', shape: [weights], dtype: 'float32'}],
    weightData: new Float32Array(weights).fill(value).buffer,
  };
}

for (let value = 1; ; value = 3 - value) {
  await modelFolder(folder!).save(model(value, 1_100_000));
  await compressedFile(file!).save(model(value, 2_000));
  process.stdout.write('.');
}

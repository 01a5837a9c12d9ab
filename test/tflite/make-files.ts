// Writes the files of all tables, with inputs and what TensorFlow.js makes of them, for tools/parity/tflite.py:
// npx tsx test/tflite/make-files.ts FOLDER
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {SPARSE_GRAPHS} from './_sparse-graphs.ts';
import {FUSED, fileOf, GRAPHS, INTEGER, OPS, STORAGE} from './_tables.ts';

const folder = process.argv[2]!;
mkdirSync(folder, {recursive: true});
await tf.setBackend('cpu');
const list = [];
for (const [i, row] of [...OPS, ...GRAPHS, ...FUSED, ...STORAGE, ...INTEGER, ...SPARSE_GRAPHS].entries()) {
  const {job, want} = await fileOf(row);
  writeFileSync(join(folder, `${i}.tflite`), job.file);
  const inputs = job.inputs.map(({type, shape, values}) => ({type, shape, values: [...Array.from(values)]}));
  list.push({
    title: row.title,
    file: `${i}.tflite`,
    tolerance: row.tolerance,
    inputs,
    outputs: want.outputs.map(each => [...each]),
  });
}
writeFileSync(join(folder, 'files.json'), JSON.stringify(list));

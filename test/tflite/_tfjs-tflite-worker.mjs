// Runs .tflite files in @tensorflow/tfjs-tflite, the oldest runtime in use, in a process of its own: it wants the globals of a
// web worker. Arguments, jobs and results as in _litert-worker.mjs. `npm install --prefix test/tflite/runtimes` brings it.
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import vm from 'node:vm';

const [jobsFile, resultsFile] = process.argv.slice(2);
const require = createRequire(new URL('runtimes/package.json', import.meta.url));
const folder = join(dirname(require.resolve('@tensorflow/tfjs-tflite/package.json')), 'wasm');
const ORIGIN = 'http://runtime';

const said = [];
for (const level of ['log', 'info', 'warn', 'error', 'debug'])
  console[level] = (...words) => said.push(words.map(String).join(' '));

// Its files come from an address, which is a folder here; the build without threads does, which needs no workers.
const pathOf = url => join(folder, String(url).split('/').at(-1).replace('_threaded', ''));
globalThis.self = globalThis;
globalThis.location = {origin: ORIGIN, href: `${ORIGIN}/worker.js`};
globalThis.importScripts = url => {
  // Emscripten's glue looks for Node, finds it, and would read files; as a plain script it does not.
  const hidden = {process: globalThis.process, require: globalThis.require};
  globalThis.process = undefined;
  vm.runInThisContext(`${readFileSync(pathOf(url), 'utf8')}\n;self.tflite_web_api_ModuleFactory = tflite_web_api_ModuleFactory;`);
  globalThis.process = hidden.process;
};
globalThis.fetch = async url => new Response(readFileSync(pathOf(url)), {headers: {'content-type': 'application/wasm'}});

const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const tflite = require('@tensorflow/tfjs-tflite');
tflite.setWasmPath(`${ORIGIN}/`);

const ARRAYS = {float32: Float32Array, int32: Int32Array, uint8: Uint8Array};
const results = [];
for (const {file, inputs} of JSON.parse(readFileSync(jobsFile, 'utf8'))) {
  said.length = 0;
  try {
    const bytes = Uint8Array.from(readFileSync(file));
    const model = await tflite.loadTFLiteModel(bytes.buffer, {numThreads: 1});
    const tensors = inputs.map(({type, shape, file: numbers}) => {
      const values = new ARRAYS[type](Uint8Array.from(readFileSync(numbers)).buffer);
      return tf.tensor(values, shape, type === 'float32' ? type : 'int32');
    });
    const outputs = model.predict(tensors.length === 1 ? tensors[0] : tensors);
    const list = outputs instanceof tf.Tensor ? [outputs] : Object.values(outputs);
    results.push({outputs: list.map(tensor => [...tensor.dataSync()]), console: [...said]});
    tf.dispose([tensors, list]);
  } catch (error) {
    results.push({error: String(error?.stack ?? error), console: [...said]});
  }
}
writeFileSync(resultsFile, JSON.stringify(results));
process.exit(0);

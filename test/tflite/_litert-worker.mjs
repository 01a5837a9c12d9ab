// Runs .tflite files in LiteRT for the web, in a process of its own: it wants the globals of a web worker. Reads a list of
// {file, inputs: [{type, shape, file}]} from the file that the first argument names, and writes, for each, its outputs and
// what it said on the console, into the file of the second.
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import vm from 'node:vm';

const [jobsFile, resultsFile] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('@litertjs/core')), '../wasm');

const said = [];
for (const level of ['log', 'info', 'warn', 'error', 'debug'])
  console[level] = (...words) => said.push(words.map(String).join(' '));

globalThis.self = globalThis;
if (globalThis.navigator === undefined) globalThis.navigator = {hardwareConcurrency: 1, userAgent: ''};
globalThis.importScripts = path => {
  const file = String(path).replace(/^file:\/\//, '');
  const module = {exports: {}};
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\nif (typeof ModuleFactory !== 'undefined') globalThis.ModuleFactory = ModuleFactory;\n})`;
  vm.runInThisContext(wrapped, {filename: file})(module.exports, require, module, file, dirname(file));
  if (module.exports && typeof module.exports === 'function') globalThis.ModuleFactory ??= module.exports;
};

const {loadLiteRt, loadAndCompile, Tensor} = await import(pathToFileURL(require.resolve('@litertjs/core')).href);
await loadLiteRt(`${folder}/`);

const ARRAYS = {float32: Float32Array, int32: Int32Array, uint8: Uint8Array};
const results = [];
for (const {file, inputs} of JSON.parse(readFileSync(jobsFile, 'utf8'))) {
  said.length = 0;
  try {
    const model = await loadAndCompile(new Uint8Array(readFileSync(file)), {accelerator: 'wasm'});
    const tensors = inputs.map(({type, shape, file: numbers}) => {
      return new Tensor(new ARRAYS[type](Uint8Array.from(readFileSync(numbers)).buffer), shape);
    });
    const outputs = await model.run(tensors);
    const values = outputs.map(tensor => [...tensor.toTypedArray()]);
    results.push({outputs: values, console: [...said]});
    for (const tensor of [...tensors, ...outputs]) tensor.delete();
    model.delete();
  } catch (error) {
    results.push({error: String(error?.stack ?? error), console: [...said]});
  }
}
writeFileSync(resultsFile, JSON.stringify(results));
process.exit(0);

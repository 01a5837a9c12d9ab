import {createServer, type RequestListener, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {compression} from 'tfjs-model-optimization';
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest';
import {compile, isTfmotError} from '../../src/inference/index.ts';
import {layer, sequentialArtifacts} from './_artifacts.ts';

const KERNEL = [1, 2, 3, 4, 5, 6];
const artifacts = sequentialArtifacts([layer('Dense', 'dense', {units: 2, batch_input_shape: [null, 3]})], {
  'dense/kernel': [[3, 2], KERNEL],
  'dense/bias': [[2], [0.5, -0.5]],
});
const {weightData, weightSpecs, ...head} = artifacts;
const bytes = new Uint8Array(weightData as ArrayBuffer);
const X = Float32Array.of(1, 0, -1);
const Y = [-3.5, -4.5];

let server: Server;
let base: string;
let files: Record<string, string | Uint8Array | RequestListener>;
const requested: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    requested.push(request.url!);
    const file = files[new URL(request.url!, 'http://localhost').pathname];
    if (file === undefined) response.writeHead(404).end();
    else if (typeof file === 'function') file(request, response);
    else response.end(file);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requested.length = 0;
  files = {
    '/m/model.json': modelJson(['a.bin', 'deep/b.bin']),
    '/m/a.bin': bytes.subarray(0, 10),
    '/m/deep/b.bin': bytes.subarray(10),
  };
});

function modelJson(paths: unknown, weights: unknown = weightSpecs, more: object = {}): string {
  return JSON.stringify({...head, format: 'layers-model', weightsManifest: [{paths, weights}], ...more});
}

async function predicted(source: string | URL, options: object = {}): Promise<number[]> {
  const engine = await compile(source, options);
  const y = await engine.predict(X);
  engine.dispose();
  return [...y];
}

async function refusal(source: string | URL, options: object = {}): Promise<string> {
  try {
    await compile(source, options);
  } catch (error) {
    if (isTfmotError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('a model.json brings its weight files, whatever it is called, from where it was in the end', async () => {
  expect(await predicted(`${base}/m/model.json`)).toEqual(Y);
  expect(requested).toEqual(['/m/model.json', '/m/a.bin', '/m/deep/b.bin']);
  files['/model'] = (_, response) => response.writeHead(302, {location: '/m/model.json'}).end();
  expect(await predicted(new URL('/model', base))).toEqual(Y);
  expect(await predicted(`${base}/m/model.json?key=1`)).toEqual(Y);
  expect(requested.slice(-2)).toEqual(['/m/a.bin?key=1', '/m/deep/b.bin?key=1']);
});

test('a .tfmz file is known by its content', async () => {
  files['/file'] = await compression.compress(artifacts);
  expect(await predicted(`${base}/file`)).toEqual(Y);
  const engine = await compile(new Blob([(await compression.compress(artifacts)) as Uint8Array<ArrayBuffer>]));
  expect([...(await engine.predict(X))]).toEqual(Y);
});

test.each<[string, () => void, string]>([
  ['nothing there', () => delete files['/m/model.json'], 'read-failed'],
  ['a weight file that is missing', () => delete files['/m/a.bin'], 'read-failed'],
  [
    'a body that breaks off',
    () => {
      files['/m/a.bin'] = (_, response) => {
        response.writeHead(200, {'content-length': 10});
        response.write('abc', () => response.destroy());
      };
    },
    'read-failed',
  ],
  ['weights that are cut off', () => (files['/m/a.bin'] = bytes.subarray(0, 4)), 'invalid-weights'],
  ['a web page', () => (files['/m/model.json'] = '<!doctype html>'), 'unsupported-model: .* is a web page'],
  [
    'the beginning of an .h5 file',
    () => (files['/m/model.json'] = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10)),
    'corrupt-file: .*HDF5',
  ],
  ['the beginning of a .keras file', () => (files['/m/model.json'] = 'PK\x03\x04'), 'corrupt-file: .*zip'],
  ['the beginning of a .tflite file', () => (files['/m/model.json'] = '\0\0\0\0TFL3'), 'corrupt-file: .*tflite'],
  ['an empty file', () => (files['/m/model.json'] = ''), 'corrupt-file'],
  ['JSON that ends early', () => (files['/m/model.json'] = '{"modelTopology":'), 'invalid-model'],
  ['JSON of something else', () => (files['/m/model.json'] = '{"a":1}'), 'invalid-model: .*modelTopology'],
  [
    'a graph model',
    () => (files['/m/model.json'] = '{"modelTopology":{"node":[]}}'),
    '(invalid-topology|unsupported-model): .*graph model',
  ],
  ...['../a.bin', '/a.bin', 'http://localhost/a.bin', 'x/%2e%2E/a.bin', 'x\\..\\a.bin', '//host/a.bin', 'a.bin?x'].map(
    (path): [string, () => void, string] => [
      `a file outside of the folder: ${path}`,
      () => (files['/m/model.json'] = modelJson([path])),
      'invalid-model: .*must lie in its folder',
    ],
  ),
  ['a path that is no text', () => (files['/m/model.json'] = modelJson([{toString: 1}])), 'invalid-model'],
  ['one file twice', () => (files['/m/model.json'] = modelJson(['a.bin', 'a.bin'])), 'invalid-model: .*twice'],
  [
    'very many files',
    () => (files['/m/model.json'] = modelJson(Array.from({length: 10_001}, (_, i) => `${i}`))),
    'invalid-model: .*10001 files',
  ],
  ['groups that are none', () => (files['/m/model.json'] = modelJson(undefined)), 'invalid-model: .*groups'],
  ['specs that are none', () => (files['/m/model.json'] = modelJson(['a.bin'], [7])), 'invalid-weights'],
])('%s is refused', async (_, change, pattern) => {
  change();
  expect(await refusal(`${base}/m/model.json`)).toMatch(new RegExp(`^${pattern}`));
});

test('no more is fetched than is allowed, and it is said before it comes where that is known', async () => {
  const json = (files['/m/model.json'] as string).length;
  expect(await refusal(`${base}/m/model.json`, {maxBytes: json - 1})).toContain('memory-limit: ');
  expect(requested).toEqual(['/m/model.json']);
  expect(await refusal(`${base}/m/model.json`, {maxBytes: json + 31})).toContain('must fit');
  expect(requested).toHaveLength(2);
  expect(await predicted(`${base}/m/model.json`, {maxBytes: json + 32})).toEqual(Y);
  // A body that never ends, of a length that it does not tell.
  let sent = 0;
  files['/m/a.bin'] = (_, response) => {
    const more = (): void => {
      if (response.destroyed) return;
      sent += 65536;
      response.write(new Uint8Array(65536), more);
    };
    more();
  };
  expect(await refusal(`${base}/m/model.json`, {maxBytes: 2 ** 20})).toContain('memory-limit: ');
  expect(sent).toBeLessThan(2 ** 24);
});

test('a signal stops what is fetched, with its reason', async () => {
  const reason = new Error('enough');
  await expect(compile(`${base}/m/model.json`, {signal: AbortSignal.abort(reason)})).rejects.toBe(reason);
  expect(requested).toEqual([]);
  const controller = new AbortController();
  files['/m/a.bin'] = () => controller.abort(reason);
  await expect(compile(`${base}/m/model.json`, {signal: controller.signal})).rejects.toBe(reason);
});

test('addresses that no fetch takes, and sources that are none, are refused', async () => {
  expect(await refusal('/model.json')).toContain('read-failed: "/model.json" could not be fetched');
  expect(await refusal('file:///tmp/model.json')).toContain('tfjs-model-optimization/node');
  const data = `data:application/json,${encodeURIComponent(modelJson(['a.bin']))}`;
  expect(await refusal(data)).toContain('read-failed: A model.json names files beside it');
  expect(await refusal(new TextEncoder().encode(modelJson([])) as never)).toContain('Give its URL instead');
  expect(await refusal(new Float32Array(3) as never)).toContain('must be a Uint8Array, but are a Float32Array');
  const loader = {load: () => Promise.reject(new TypeError('broken'))};
  expect(await refusal(loader as never)).toContain('read-failed: The loader of the model failed: "broken"');
});

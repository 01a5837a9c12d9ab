import {expect, test} from 'vitest';
import {artifactsWith, floats} from '../../testing/artifacts.ts';
import {compress} from './compress.ts';
import {compressed} from './compressed.ts';

const model = artifactsWith([floats('a', [3], Float32Array.of(1, 2, 3))]);
const file = await compress(model);

test.each([
  ['bytes', file],
  ['a buffer', file.slice().buffer],
  ['a blob', new Blob([file.slice()])],
  ['a URL', `data:application/octet-stream;base64,${Buffer.from(file).toString('base64')}`],
  ['a URL object', new URL(`data:application/octet-stream;base64,${Buffer.from(file).toString('base64')}`)],
] as const)('%s', async (_name, source) => {
  const artifacts = await compressed(source).load();
  expect(artifacts.weightSpecs).toEqual(model.weightSpecs);
  expect(artifacts.weightData).toEqual(model.weightData);
});

test('no more of a Blob is read than its beginning and the limit allow', async () => {
  const reject = (source: Blob, options: object, code: string) =>
    expect(compressed(source, options).load()).rejects.toMatchObject({code});
  await reject(new Blob(['<!doctype html>']), {}, 'corrupt-file');
  await reject(new Blob([]), {}, 'corrupt-file');
  await reject(new Blob([file.slice()]), {maxBytes: file.length - 1}, 'memory-limit');
  const reason = new Error('enough');
  await expect(compressed(new Blob([]), {signal: AbortSignal.abort(reason)}).load()).rejects.toBe(reason);
});

test('what cannot be fetched says so', async () => {
  await expect(compressed('http://127.0.0.1:1/model.tfmz').load()).rejects.toThrow(
    expect.objectContaining({name: 'TfmotError', code: 'read-failed'}),
  );
  await expect(compressed(5 as never).load()).rejects.toThrow(expect.objectContaining({code: 'invalid-argument'}));
});

import {readFileSync} from 'node:fs';
import {afterEach, expect, test, vi} from 'vitest';
import {compressWithReport} from '../../src/compression/index.ts';
import {open} from '../../src/formats/index.ts';
import {compile} from '../../src/inference/index.ts';
import {pruneOneShot} from '../../src/oneshot/prune.ts';
import {pickedFiles} from '../../testing/published.ts';

const FOLDER = new URL('../fixtures/graph-model/tiny-f32/', import.meta.url);
const H5 = Uint8Array.from(readFileSync(new URL('../fixtures/keras-files/half.k2.h5', import.meta.url)));

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Serves the files of a folder at any address. */
function serve(): void {
  vi.stubGlobal('fetch', async (url: URL | string) => {
    const name = new URL(url).pathname.split('/').at(-1)!;
    return new Response(readFileSync(new URL(name, FOLDER)));
  });
}

test('what open takes, techniques and the engine take: URLs, files, bytes', async () => {
  serve();
  const files = pickedFiles(FOLDER);
  for (const source of ['http://localhost/m/model.json', new URL('http://localhost/m/model.json'), files]) {
    expect((await open(source)).format).toBe('tfjs-graph');
    expect((await pruneOneShot(source, {sparsity: 0.5})).changed.length).toBeGreaterThan(0);
    (await compile(source)).dispose();
  }
  for (const source of [H5, H5.slice().buffer, new Blob([H5])]) {
    const {bytes} = await compressWithReport(source);
    expect([...(await (await open(bytes)).save()).values()]).toEqual([H5]);
  }
});

test('anything else is refused, saying what a model must be', async () => {
  for (const wrong of [undefined, null, 7, {}, () => 1] as never[]) {
    await expect(open(wrong)).rejects.toThrow(/open needs a URL/);
    await expect(pruneOneShot(wrong, {sparsity: 0.5})).rejects.toThrow(/A model must be/);
    await expect(compressWithReport(wrong)).rejects.toThrow(/A model must be/);
  }
  await expect(open([])).rejects.toThrow(/got none/);
  await expect(
    open([new File(['{"modelTopology": {}, "weightsManifest": [{"paths": ["a"], "weights": []}]}'], 'm')]),
  ).rejects.toThrow(/'a', which is not among/);
  await expect(open(H5, {maxByte: 1} as never)).rejects.toThrow(/maxBytes/);
});

import {readdirSync, readFileSync} from 'node:fs';
// @ts-expect-error It has no types.
import {File} from 'jsfive';
import {expect, test} from 'vitest';
import {readMember, readZip} from '../zip/zip.ts';
import {checksum} from './checksum.ts';
import {type Hdf5File, openHdf5} from './file.ts';
import {withDatasets} from './with-datasets.ts';

const folder = new URL('../../../test/fixtures/keras-files/', import.meta.url);
const FILES = readdirSync(folder).filter(file => /\.(h5|keras)$/.test(file));

function hdf5Of(file: string): Uint8Array {
  const bytes = new Uint8Array(readFileSync(new URL(file, folder)));
  if (file.endsWith('.h5')) return bytes;
  return readMember(bytes, readZip(bytes).members.find(({name}) => name === 'model.weights.h5')!).slice();
}

function paths(file: Hdf5File, path = ''): string[] {
  return file.members(path).flatMap(name => {
    const member = path === '' ? name : `${path}/${name}`;
    return file.dataset(member) === null ? paths(file, member) : [member];
  });
}

test.each(FILES)('%s: every data set is what jsfive reads', file => {
  const bytes = hdf5Of(file);
  const own = openHdf5(bytes);
  const other = new File(bytes.buffer, file);
  for (const path of paths(own)) {
    const {shape, dtype, read} = own.dataset(path)!;
    const known = other.get(path) as {shape: number[]; value: ArrayLike<number>};
    expect(shape, path).toEqual(known.shape);
    if (dtype !== 'float32') continue;
    expect(Array.from(new Float32Array(read().slice().buffer)), path).toEqual(Array.from(known.value));
  }
});

test.each(FILES)('%s: data sets take other elements', file => {
  const bytes = hdf5Of(file);
  const before = openHdf5(bytes);
  const all = paths(before);
  const changed = new Map(
    all
      .filter((_, i) => i % 2 === 0)
      .map(path => [
        path,
        before
          .dataset(path)!
          .read()
          .map(byte => byte ^ 1),
      ]),
  );
  const after = openHdf5(withDatasets(bytes, changed));
  expect(paths(after)).toEqual(all);
  for (const path of all) {
    const {shape, read} = after.dataset(path)!;
    expect(shape).toEqual(before.dataset(path)!.shape);
    expect(read(), path).toEqual(changed.get(path) ?? before.dataset(path)!.read());
  }
});

test('the checksum is that of newer headers', () => {
  const bytes = hdf5Of('no_input_newer.k2.h5');
  expect(bytes[8]).toBeGreaterThanOrEqual(2);
  const view = new DataView(bytes.buffer);
  expect(checksum(bytes.subarray(0, 44))).toBe(view.getUint32(44, true));
});

import {TfmotError} from '../../errors.ts';
import {checksum} from './checksum.ts';
import type {Hdf5Dataset} from './dataset.ts';
import {openHdf5, readSuperblock} from './file.ts';
import {MESSAGE, type Message, messageOf} from './object-header.ts';

/** Data that is appended begins at a multiple of this, so that it can be read in place. */
const ALIGNMENT = 8;

/**
 * An HDF5 file with other elements in some data sets, of the same shape and datatype. What lies in one stretch is
 * overwritten; what lay in pieces, or was never written, is stored in one stretch at the end of the file. All other
 * bytes stay as they are.
 *
 * @param changed The bytes of all elements of a data set, by its path.
 * @throws TfmotError `invalid-argument` for a path without a data set, or another number of bytes; `corrupt-file` or
 *     `unsupported-model` as `openHdf5`.
 */
export function withDatasets(bytes: Uint8Array, changed: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const file = openHdf5(bytes);
  const superblock = readSuperblock(bytes);
  let length = bytes.length;
  const writes = [...changed].map(([path, content]) => {
    const dataset = file.dataset(path);
    if (dataset === null || dataset.byteLength !== content.length) {
      const what = dataset === null ? 'has no such data set' : `has ${dataset.byteLength} bytes in it`;
      throw new TfmotError(
        'invalid-argument',
        `${content.length} bytes are given for '${path}', but the file ${what}.`,
      );
    }
    const moves = dataset.place === null && content.length > 0;
    const from = dataset.place?.from ?? Math.ceil(length / ALIGNMENT) * ALIGNMENT;
    if (moves) length = from + content.length;
    return {dataset, content, from, moves};
  });
  const all = new Uint8Array(length);
  all.set(bytes);
  for (const {dataset, content, from, moves} of writes) {
    all.set(content, from);
    if (moves) layInOneStretch(all, dataset, from);
    seal(all, dataset);
  }
  const view = viewOf(all);
  if (length > bytes.length) writeNumber(view, superblock.endAt, length);
  if (superblock.version >= 2) view.setUint32(44, checksum(all.subarray(0, 44)), true);
  return all;
}

/** Says in the header of a data set that its elements lie in one stretch, unfiltered. */
function layInOneStretch(all: Uint8Array, {header, byteLength}: Hdf5Dataset, from: number): void {
  const view = viewOf(all);
  const layout = messageOf(header, MESSAGE.layout)!;
  // Version 3 of one stretch takes 18 bytes; no other layout has fewer.
  all.fill(0, layout.at, layout.at + layout.size);
  all.set([3, 1], layout.at);
  writeNumber(view, layout.at + 2, from);
  writeNumber(view, layout.at + 10, byteLength);
  const filters = messageOf(header, MESSAGE.filters);
  if (filters !== undefined) {
    if (header.version === 1) view.setUint16(filters.head, MESSAGE.nil, true);
    else all[filters.head] = MESSAGE.nil;
  }
  fixSize(all, messageOf(header, MESSAGE.dataspace)!);
}

/** Only data in pieces can grow: its largest sizes become those it has. */
function fixSize(all: Uint8Array, {at}: Message): void {
  const [version, rank, flags] = [all[at]!, all[at + 1]!, all[at + 2]!];
  if ((flags & 1) === 0) return;
  const sizes = at + (version === 1 ? 8 : 4);
  all.copyWithin(sizes + 8 * rank, sizes, sizes + 8 * rank);
}

/** Newer headers have checksums. */
function seal(all: Uint8Array, {header}: Hdf5Dataset): void {
  const ends = new Map(header.messages.flatMap(({sealed}) => (sealed === undefined ? [] : [[sealed.from, sealed.to]])));
  for (const [from, to] of ends) viewOf(all).setUint32(to, checksum(all.subarray(from, to)), true);
}

function writeNumber(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

function viewOf({buffer, byteOffset, byteLength}: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

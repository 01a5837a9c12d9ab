import {TfmotError} from '../../errors.ts';
import {type Attributes, readAttributes} from './attributes.ts';
import {type Hdf5Dataset, readDataset} from './dataset.ts';
import {corrupt, fieldsOf, unsupported} from './fields.ts';
import {globalHeap} from './heap.ts';
import {type Links, readLinks} from './links.ts';
import {type ObjectHeader, readHeader} from './object-header.ts';

/** An HDF5 file: groups and data sets by path, such as `model_weights/dense`; the empty path is the root. */
export interface Hdf5File {
  /** Whether there is a group or a data set. */
  has(path: string): boolean;
  /** Names of the members of a group; none for anything else. */
  members(path: string): readonly string[];
  /** The attributes that hold text; none where there is nothing. */
  attributes(path: string): Attributes;
  /** The data set at a path; null when there is none. */
  dataset(path: string): Hdf5Dataset | null;
}

/** What every HDF5 file begins with. */
export const HDF5_SIGNATURE = '\x89HDF\r\n\x1a\n';

/** Where a superblock has its numbers. */
export interface Superblock {
  readonly version: number;
  /** Where the length of the file is written. */
  readonly endAt: number;
  readonly root: number;
}

/**
 * Opens an HDF5 file as Keras writes it: superblocks 0 to 3, groups of either kind, data in one stretch, in its header
 * or in pieces (deflated, shuffled), texts of fixed and variable length (HDF5 File Format Specification, versions 1.0
 * to 3.0). Nothing is decoded yet. Every place is checked; a damaged file costs work and memory in proportion to its
 * length.
 *
 * @throws TfmotError `corrupt-file` naming the place, or `unsupported-model` for what Keras does not write. So do all
 *     functions of the file.
 */
export function openHdf5(bytes: Uint8Array): Hdf5File {
  const fields = fieldsOf(bytes);
  const {root} = readSuperblock(bytes);
  const heap = globalHeap(fields);
  const remember = <T>(make: (at: number) => T): ((at: number) => T) => {
    const known = new Map<number, T>();
    return at => {
      if (!known.has(at)) known.set(at, make(at));
      return known.get(at)!;
    };
  };
  const headerAt = remember<ObjectHeader>(at => readHeader(fields, at));
  const linksAt = remember<Links>(at => readLinks(fields, headerAt(at)));
  const attributesAt = remember<Attributes>(at => readAttributes(fields, heap, headerAt(at)));
  const datasetAt = remember<Hdf5Dataset | null>(at => readDataset(fields, headerAt(at)));
  const find = (path: string): number | undefined => {
    let at: number | undefined = root;
    for (const name of path.split('/')) if (name !== '' && at !== undefined) at = linksAt(at).get(name);
    return at;
  };
  return {
    has: path => find(path) !== undefined,
    members: path => [...(withPlace(find(path), linksAt)?.keys() ?? [])],
    attributes: path => withPlace(find(path), attributesAt) ?? new Map(),
    dataset: path => withPlace(find(path), datasetAt) ?? null,
  };
}

function withPlace<T>(at: number | undefined, read: (at: number) => T): T | undefined {
  return at === undefined ? undefined : read(at);
}

/**
 * Reads the superblock.
 *
 * @throws TfmotError `corrupt-file` when it is none or the file is shorter than it says.
 */
export function readSuperblock(bytes: Uint8Array): Superblock {
  const fields = fieldsOf(bytes);
  if (bytes.length < 48 || !fields.starts(0, HDF5_SIGNATURE))
    throw new TfmotError(
      'corrupt-file',
      'An HDF5 file must start with its mark, but this one does not. Save it again.',
    );
  const version = fields.u8(8);
  if (version > 3) throw unsupported(8, `a superblock of version ${version}`);
  const older = version < 2;
  const [offsets, lengths] = older ? [fields.u8(13), fields.u8(14)] : [fields.u8(9), fields.u8(10)];
  if (offsets !== 8 || lengths !== 8) throw unsupported(8, 'addresses of other than eight bytes');
  const baseAt = older ? (version === 0 ? 24 : 28) : 12;
  if (fields.u64(baseAt) !== 0) throw unsupported(baseAt, 'other data before it');
  const endAt = older ? baseAt + 16 : 28;
  if (fields.u64(endAt) > bytes.length)
    throw corrupt(endAt, `it must have ${fields.u64(endAt)} bytes, but has ${bytes.length}. It is cut off`);
  return {version, endAt, root: fields.u64(older ? baseAt + 40 : 36)};
}

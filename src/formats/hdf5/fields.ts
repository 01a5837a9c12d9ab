import {TfmotError} from '../../errors.ts';

/** Reads little-endian fields of an HDF5 file; every read is checked against its end, and counted. */
export interface Fields {
  readonly bytes: Uint8Array;
  /** @throws TfmotError `corrupt-file` beyond the end, as each of these does. */
  u8(at: number): number;
  u16(at: number): number;
  u32(at: number): number;
  /** A whole number of eight bytes. */
  u64(at: number): number;
  /** A place in the file; null for the one that is all ones, which means none. */
  address(at: number): number | null;
  /** A view of `length` bytes. */
  view(at: number, length: number): Uint8Array;
  /** UTF-8 text of `length` bytes at most, up to the first zero. */
  text(at: number, length: number): string;
  /** Whether the letters of `word` stand at a place. */
  starts(at: number, word: string): boolean;
  /** @throws TfmotError when they do not. */
  expect(at: number, word: string): void;
  /**
   * Counts what is read of a structure: one for every eight bytes or so.
   *
   * @throws TfmotError `corrupt-file` when it is more than a file without circles could hold.
   */
  visit(at: number, cost?: number): void;
}

const UNDEFINED = 0xffffffff;

/** The fields of a file. */
export function fieldsOf(bytes: Uint8Array): Fields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  // No structure is smaller than a message of eight bytes; each may be read a few times, by name and in walks.
  let visits = 1024 + bytes.length;
  const checked = (at: number, length: number): number => {
    if (at >= 0 && length >= 0 && at + length <= bytes.length) return at;
    throw corrupt(at, `${length} bytes are expected, and the file has ${bytes.length}. It may be cut off`);
  };
  const fields: Fields = {
    bytes,
    u8: at => bytes[checked(at, 1)]!,
    u16: at => view.getUint16(checked(at, 2), true),
    u32: at => view.getUint32(checked(at, 4), true),
    u64: at => {
      checked(at, 8);
      const high = view.getUint32(at + 4, true);
      if (high > 0x1fffff) throw corrupt(at, 'a number is larger than any file');
      return high * 2 ** 32 + view.getUint32(at, true);
    },
    address: at => {
      checked(at, 8);
      const none = view.getUint32(at, true) === UNDEFINED && view.getUint32(at + 4, true) === UNDEFINED;
      return none ? null : fields.u64(at);
    },
    view: (at, length) => bytes.subarray(checked(at, length), at + length),
    text: (at, length) => {
      fields.visit(at, length / 8);
      const letters = fields.view(at, length);
      const end = letters.indexOf(0);
      return decoder.decode(end < 0 ? letters : letters.subarray(0, end));
    },
    starts: (at, word) => {
      checked(at, word.length);
      for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return false;
      return true;
    },
    expect: (at, word) => {
      if (!fields.starts(at, word)) throw corrupt(at, `the mark '${word}' is expected`);
    },
    visit: (at, cost = 1) => {
      visits -= cost;
      if (visits < 0) throw corrupt(at, 'its structures refer to one another in circles');
    },
  };
  return fields;
}

/** The error for a damaged file. */
export function corrupt(at: number, what: string): TfmotError {
  return new TfmotError('corrupt-file', `The HDF5 file is damaged at byte ${at}: ${what}. Save it again.`);
}

/** The error for what this reader does not read. */
export function unsupported(at: number, what: string): TfmotError {
  return new TfmotError(
    'unsupported-model',
    `The HDF5 file has ${what} at byte ${at}, which Keras does not write. Open it with Keras and save it again.`,
  );
}

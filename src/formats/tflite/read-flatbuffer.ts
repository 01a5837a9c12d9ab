import {TfmotError} from '../../errors.ts';

/**
 * A FlatBuffer that is being read. Its tables point at one another by offsets; every one is checked before it is used.
 */
export interface FlatFile {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** How many tables and elements of vectors may still be read: shared ones could otherwise be read without end. */
  readonly work: {left: number};
}

/** A table: its fields lie at `at` plus what the table of offsets at `offsets` says. */
export interface Table {
  readonly file: FlatFile;
  readonly at: number;
  readonly offsets: number;
  /** Fields that the table of offsets has an entry for. */
  readonly fields: number;
  /** Bytes of the table, from `at`. */
  readonly size: number;
}

/** Bytes of a file, from `from` up to `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** Shared vectors may be read a few times each, no more. */
const READS_PER_BYTE = 4;
/** For files so small that the factor alone would not do. */
const READS_AT_LEAST = 65_536;

/**
 * Opens a FlatBuffer and gives its root table.
 *
 * @param identifier The four characters from byte 4 on.
 * @throws TfmotError `corrupt-file`.
 */
export function openFlatBuffer(bytes: Uint8Array, identifier: string): Table {
  if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(4, 8)) !== identifier)
    throw new TfmotError(
      'corrupt-file',
      `A FlatBuffer of this kind has '${identifier}' at byte 4, but this file has not.`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const file: FlatFile = {bytes, view, work: {left: bytes.length * READS_PER_BYTE + READS_AT_LEAST}};
  return tableAt(file, follow(file, 0));
}

/** Whether a table has a field: absent ones have their default. */
export function hasField(table: Table, field: number): boolean {
  return placeOf(table, field, 1) !== null;
}

export function boolField(table: Table, field: number, absent = false): boolean {
  const at = placeOf(table, field, 1);
  return at === null ? absent : table.file.view.getUint8(at) !== 0;
}

export function int8Field(table: Table, field: number, absent = 0): number {
  const at = placeOf(table, field, 1);
  return at === null ? absent : table.file.view.getInt8(at);
}

export function uint8Field(table: Table, field: number, absent = 0): number {
  return int8Field(table, field, absent) & 0xff;
}

export function int32Field(table: Table, field: number, absent = 0): number {
  const at = placeOf(table, field, 4);
  return at === null ? absent : table.file.view.getInt32(at, true);
}

export function uint32Field(table: Table, field: number, absent = 0): number {
  return int32Field(table, field, absent) >>> 0;
}

export function uint64Field(table: Table, field: number, absent = 0): number {
  const at = placeOf(table, field, 8);
  return at === null ? absent : safeInteger(table.file.view.getBigUint64(at, true), at);
}

export function float32Field(table: Table, field: number, absent = 0): number {
  const at = placeOf(table, field, 4);
  return at === null ? absent : table.file.view.getFloat32(at, true);
}

/** The table that a field points at; null where the field is absent. */
export function tableField(table: Table, field: number): Table | null {
  const at = placeOf(table, field, 4);
  return at === null ? null : tableAt(table.file, follow(table.file, at));
}

/** The tables of a vector; none where the field is absent. */
export function tablesField(table: Table, field: number): readonly Table[] {
  const range = elementsField(table, field, 4);
  if (range === null) return [];
  return places(range, 4).map(at => tableAt(table.file, follow(table.file, at)));
}

/** The bytes of a vector of bytes, not read yet; null where the field is absent. */
export function bytesField(table: Table, field: number): ByteRange | null {
  return vectorField(table, field, 1);
}

/** The bytes of a vector of numbers that are `width` bytes wide, not read yet; null where the field is absent. */
export function vectorField(table: Table, field: number, width: number): ByteRange | null {
  const at = placeOf(table, field, 4);
  if (at === null) return null;
  const {file} = table;
  const vector = follow(file, at);
  need(file, vector, 4, 'a vector');
  const from = vector + 4;
  const to = from + file.view.getUint32(vector, true) * width;
  if (to > file.bytes.length) throw corrupt(vector, `a vector that ends at byte ${to}, behind the end of the file`);
  return {from, to};
}

/** Text in UTF-8; empty where the field is absent. */
export function stringField(table: Table, field: number): string {
  const range = elementsField(table, field, 1);
  return range === null ? '' : new TextDecoder().decode(table.file.bytes.subarray(range.from, range.to));
}

export function int32sField(table: Table, field: number): readonly number[] {
  const range = elementsField(table, field, 4);
  return range === null ? [] : places(range, 4).map(at => table.file.view.getInt32(at, true));
}

/** @throws TfmotError `corrupt-file` for numbers beyond 2 ** 53. */
export function int64sField(table: Table, field: number): readonly number[] {
  const range = elementsField(table, field, 8);
  return range === null ? [] : places(range, 8).map(at => safeInteger(table.file.view.getBigInt64(at, true), at));
}

export function float32sField(table: Table, field: number): readonly number[] {
  const range = elementsField(table, field, 4);
  return range === null ? [] : places(range, 4).map(at => table.file.view.getFloat32(at, true));
}

/** What is wrong with a file, and where. */
export function corrupt(at: number, found: string): TfmotError {
  return new TfmotError(
    'corrupt-file',
    `The .tflite file is damaged: at byte ${at} it has ${found}. Fetch or convert it again.`,
  );
}

/** Like {@link vectorField}, for elements that will be read one by one. */
function elementsField(table: Table, field: number, width: number): ByteRange | null {
  const range = vectorField(table, field, width);
  if (range !== null) count(table.file, range.from, (range.to - range.from) / width);
  return range;
}

function places({from, to}: ByteRange, width: number): number[] {
  return Array.from({length: (to - from) / width}, (_, i) => from + i * width);
}

/** Where the value of a field lies; null where it is absent. */
function placeOf({file, at, offsets, fields, size}: Table, field: number, width: number): number | null {
  if (field >= fields) return null;
  const offset = file.view.getUint16(offsets + 4 + 2 * field, true);
  if (offset === 0) return null;
  if (offset < 4 || offset + width > size)
    throw corrupt(offsets, `field ${field} at ${offset} of a table of ${size} bytes`);
  return at + offset;
}

function tableAt(file: FlatFile, at: number): Table {
  count(file, at, 1);
  need(file, at, 4, 'a table');
  const offsets = at - file.view.getInt32(at, true);
  if (offsets < 0) throw corrupt(at, 'a table whose offsets lie before the file');
  need(file, offsets, 4, 'the offsets of a table');
  const length = file.view.getUint16(offsets, true);
  const size = file.view.getUint16(offsets + 2, true);
  if (length < 4 || length % 2 !== 0 || size < 4)
    throw corrupt(offsets, `${length} bytes of offsets for a table of ${size}`);
  need(file, offsets, length, 'the offsets of a table');
  need(file, at, size, `a table of ${size} bytes`);
  return {file, at, offsets, fields: (length - 4) / 2, size};
}

/** Where an offset leads to: always forward. */
function follow({bytes, view}: FlatFile, at: number): number {
  const offset = view.getUint32(at, true);
  if (offset === 0 || at + offset >= bytes.length)
    throw corrupt(at, `an offset of ${offset}, which leads out of the file`);
  return at + offset;
}

function need({bytes}: FlatFile, at: number, size: number, what: string): void {
  if (at + size > bytes.length) throw corrupt(at, `${what} that goes on behind the end of the file`);
}

function count({work}: FlatFile, at: number, elements: number): void {
  work.left -= elements;
  if (work.left < 0) throw corrupt(at, 'a vector or table that is used over and over');
}

function safeInteger(value: bigint, at: number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw corrupt(at, `the number ${value}, which is out of range`);
  return number;
}

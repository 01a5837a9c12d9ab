import {TfmotError} from '../../../errors.ts';
import {hasField, type Table, tableField, tablesField, uint8Field, vectorField} from '../read-flatbuffer.ts';
import {OPERATORS} from '../schema-operators.ts';

/** A table of a FlatBuffer, taken out of it: its own bytes, and what its offsets lead to. */
export interface Node {
  /** From the table's place on; offsets in it are meaningless. */
  readonly inline: Uint8Array;
  /** Place of each field in `inline`; 0 where it is absent. */
  readonly fields: readonly number[];
  /** What numbers in `inline` are aligned to: its place in the file modulo 8. */
  readonly phase: number;
  readonly children: Map<number, Child>;
}

/** What an offset leads to: a table, tables, or a vector of numbers of `width` bytes. */
export type Child = Node | Node[] | {readonly numbers: Uint8Array; readonly width: number};

/** What the offsets of a kind of table lead to, by field; other fields are numbers. */
interface Shape {
  readonly tables?: Readonly<Record<number, () => Shape>>;
  /** Vectors of tables. */
  readonly lists?: Readonly<Record<number, () => Shape>>;
  /** Vectors of numbers (and text), by the bytes of a number. */
  readonly vectors?: Readonly<Record<number, 1 | 2 | 4 | 8>>;
  /** Fields that are tables of a kind that another field, before them, tells. */
  readonly unions?: Readonly<Record<number, (type: number) => Shape | null>>;
}

const named: Shape = {vectors: {0: 1}};
const quantization: Shape = {
  vectors: {0: 4, 1: 4, 2: 4, 3: 8},
  unions: {5: type => (type === 1 ? {vectors: {0: 1}} : null)},
};
/** Vectors of segments and indices: of int32, uint16, uint8. */
const sparseVector = (type: number): Shape | null => {
  const width = ([4, 2, 1] as const)[type - 1];
  return width === undefined ? null : {vectors: {0: width}};
};
const sparsity: Shape = {
  vectors: {0: 4, 1: 4},
  lists: {2: () => ({unions: {3: sparseVector, 5: sparseVector}})},
};
const tensor: Shape = {
  vectors: {0: 4, 3: 1, 7: 4},
  tables: {4: () => quantization, 6: () => sparsity},
  lists: {9: () => ({vectors: {0: 4}})},
};
/** The tables of options that are known: all are numbers, and a few have a vector as their first field. */
const OPTIONS: ReadonlyMap<number, Shape> = new Map(
  Object.values(OPERATORS).flatMap(({options}) =>
    options === null
      ? []
      : [[options.union, Object.values(options.fields).some(([, kind]) => kind === 'int32s') ? {vectors: {0: 4}} : {}]],
  ),
);
/**
 * Vectors: inputs, outputs, custom options, variable inputs, intermediates. A second table of options is new to this
 * library.
 */
const operator: Shape = {
  vectors: {1: 4, 2: 4, 5: 1, 7: 1, 8: 4},
  unions: {4: type => OPTIONS.get(type) ?? null, 12: () => null},
};
const signature: Shape = {vectors: {2: 1}, lists: {0: () => named, 1: () => named}};

/** A whole `.tflite` file. */
export const MODEL: Shape = {
  vectors: {3: 1, 5: 4},
  lists: {
    1: () => ({vectors: {1: 1}}),
    2: () => ({vectors: {1: 4, 2: 4, 4: 1}, lists: {0: () => tensor, 3: () => operator}}),
    4: () => named,
    6: () => named,
    7: () => signature,
  },
};

/**
 * Takes a table out of its file, with all that hangs on it.
 *
 * @throws TfmotError `unsupported-model` for options that are new to this library: what hangs on them is not known.
 */
export function takeOut(table: Table, shape: Shape): Node {
  const {file, at, offsets, fields, size} = table;
  const children = new Map<number, Child>();
  for (const [field, of] of entries(shape.tables)) {
    const child = tableField(table, field);
    if (child !== null) children.set(field, takeOut(child, of()));
  }
  for (const [field, of] of entries(shape.lists))
    if (hasField(table, field))
      children.set(
        field,
        tablesField(table, field).map(child => takeOut(child, of())),
      );
  for (const [field, width] of entries(shape.vectors)) {
    const range = vectorField(table, field, width);
    if (range !== null) children.set(field, {numbers: file.bytes.subarray(range.from, range.to), width});
  }
  for (const [field, of] of entries(shape.unions)) {
    const child = tableField(table, field);
    if (child === null) continue;
    const type = uint8Field(table, field - 1);
    const known = of(type);
    if (known === null)
      throw new TfmotError(
        'unsupported-model',
        `The .tflite file has options of kind ${type}, which are new to this library, so that it can change weights in their places alone.`,
      );
    children.set(field, takeOut(child, known));
  }
  return {
    inline: file.bytes.slice(at, at + size),
    fields: Array.from({length: fields}, (_, i) => file.view.getUint16(offsets + 4 + 2 * i, true)),
    phase: at % 8,
    children,
  };
}

function entries<T>(of: Readonly<Record<number, T>> | undefined): [number, T][] {
  return Object.entries(of ?? {}).map(([field, value]) => [Number(field), value]);
}

/** The tables of a vector; none where it is absent. */
export function listIn(node: Node, field: number): Node[] {
  const child = node.children.get(field);
  return Array.isArray(child) ? child : [];
}

import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {decodeNumbers} from '../artifacts/decode.ts';
import {DTYPES} from '../artifacts/dtypes.ts';
import type {Change, ChannelLevels, ModelFormat, NamedWeight, OpenModel} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import {toFloat16} from '../quantizers/float16.ts';
import {checkNames} from './artifacts-model.ts';
import type {FileFormat, PlacedWeight, ReadFile} from './file-format.ts';
import {openArtifacts} from './open-artifacts.ts';

/** A format and the code that reads its files. */
export interface FormatOfFile {
  readonly format: ModelFormat;
  /** What a file is called where nobody says. */
  readonly fileName: string;
  readonly reader: FileFormat;
}

/**
 * Opens a model's file of another toolkit.
 *
 * @param bytes Not changed; the open model shares them.
 * @throws TfmotError for a file that is not sound.
 */
export async function openFileOf(of: FormatOfFile, bytes: Uint8Array): Promise<OpenModel> {
  return openRead(of, bytes, await of.reader.read(bytes), new Map());
}

/** @param changes What has been changed since the file was read. */
function openRead(
  of: FormatOfFile,
  bytes: Uint8Array,
  read: ReadFile,
  changes: ReadonlyMap<string, Change & {readonly stored: Uint8Array}>,
): OpenModel {
  const {format, fileName, reader} = of;
  const weights = read.places.map(place => {
    const from = changes.get(place.name)?.stored ?? bytesAt(bytes, place);
    return namedWeight(place, from);
  });
  const now = async (): Promise<{bytes: Uint8Array; read: ReadFile}> => {
    if (changes.size === 0) return {bytes, read};
    const stored = new Map([...changes].map(([name, change]) => [name, change.stored]));
    const patched = await (reader.patch?.(bytes, stored) ?? inPlace(bytes, read.places, stored));
    return {bytes: patched, read: await reader.read(patched)};
  };
  const {artifacts} = read;
  return {
    format,
    ...(artifacts !== undefined && {artifacts: changedArtifacts(artifacts, changes)}),
    weights,
    graph: async (options = {}) => (await now()).read.graph(options),
    withWeights: changed => {
      checkNames(
        read.places.map(({name}) => name),
        changed,
      );
      const all = new Map(changes);
      for (const place of read.places) {
        const change = changed.get(place.name);
        if (change !== undefined) all.set(place.name, {...change, stored: storedBytes(place, valuesOf(place, change))});
      }
      return openRead(of, bytes, read, all);
    },
    ...(reader.withLevels !== undefined && {
      withLevels: async (levels: ReadonlyMap<string, ChannelLevels>) => {
        checkNames(
          read.places.map(({name}) => name),
          levels,
        );
        const {file, kept} = reader.withLevels!((await now()).bytes, levels);
        return {model: await openFileOf(of, file), kept};
      },
    }),
    save: async () => new Map([[fileName, (await now()).bytes]]),
    file: async () => {
      const file = await now();
      // A file that has not changed keeps its bytes, deflated ones too; any other may have its weights stored plainly.
      const {bytes: all, read: again} = changes.size === 0 ? file : await plain(reader, file);
      const places = new Map(again.places.map(place => [place.name, place]));
      return {
        name: fileName,
        bytes: all,
        places: read.places.map(({name}) => {
          const {from, to, elsewhere} = places.get(name)!;
          return elsewhere === undefined ? {from, to} : null;
        }),
      };
    },
  };
}

function changedArtifacts(artifacts: ModelArtifacts, changes: ReadonlyMap<string, Change>): ModelArtifacts {
  return changes.size === 0 ? artifacts : openArtifacts(artifacts).withWeights(changes).artifacts;
}

const bytesAt = (bytes: Uint8Array, {from, to, elsewhere}: PlacedWeight): Uint8Array =>
  elsewhere ?? bytes.subarray(from, to);

/** A file whose weights all stand in their places: what was deflated or in pieces is stored. */
async function plain(
  reader: FileFormat,
  file: {bytes: Uint8Array; read: ReadFile},
): Promise<{bytes: Uint8Array; read: ReadFile}> {
  const elsewhere = file.read.places.flatMap(({name, elsewhere: content}) =>
    content === undefined ? [] : [[name, content] as const],
  );
  if (elsewhere.length === 0 || reader.patch === undefined) return file;
  const bytes = await reader.patch(file.bytes, new Map(elsewhere));
  return {bytes, read: await reader.read(bytes)};
}

function inPlace(bytes: Uint8Array, places: readonly PlacedWeight[], changed: ReadonlyMap<string, Uint8Array>) {
  const file = bytes.slice();
  for (const {name, from} of places) {
    const stored = changed.get(name);
    if (stored !== undefined) file.set(stored, from);
  }
  return file;
}

function namedWeight(place: PlacedWeight, bytes: Uint8Array): NamedWeight {
  const {name, shape, dtype, grid, uses, decode} = place;
  const quantization = grid === undefined ? {} : {quantization: {dtype: dtype as 'uint8', ...grid}};
  return {
    name,
    shape,
    dtype,
    ...(grid !== undefined && {grid}),
    uses,
    bytes: () => bytes,
    values: () => decode?.(bytes) ?? decodeNumbers(bytes, dtype, {name, shape, dtype: 'float32', ...quantization}),
  };
}

function valuesOf({name, shape}: PlacedWeight, change: Change): Float32Array {
  const elements = shape.reduce((product, size) => product * size, 1);
  const given = 'levels' in change ? change.levels : change.values;
  if (given.length !== elements)
    throw new TfmotError(
      'invalid-argument',
      `Weight '${name}' of shape [${shape}] needs ${elements} values, but got ${given.length}.`,
    );
  if ('values' in change) return change.values;
  const {scale, min} = change.grid;
  return Float32Array.from(change.levels, level => level * scale + min);
}

/** Values as the weight stores numbers: a file of another toolkit keeps its types, whatever a change would like. */
function storedBytes(place: PlacedWeight, values: Float32Array): Uint8Array {
  const {name, dtype, grid, encode} = place;
  const bytes = encode?.(values) ?? plainBytes(dtype, grid, values);
  if (bytes !== null && bytes.length === (place.elsewhere?.length ?? place.to - place.from)) return bytes;
  throw new TfmotError('invalid-argument', `Weight '${name}' is ${dtype} and cannot take other numbers in its file.`);
}

function plainBytes(dtype: PlacedWeight['dtype'], grid: PlacedWeight['grid'], values: Float32Array): Uint8Array | null {
  if (dtype === 'float32') return bytesOf(values.slice());
  if (dtype === 'float16') return bytesOf(toFloat16(values));
  if (grid === undefined || DTYPES[dtype].kind !== 'integer') return null;
  const last = 256 ** DTYPES[dtype].wordBytes - 1;
  const levels = Float64Array.from(values, value =>
    Math.min(last, Math.max(0, Math.round((value - grid.min) / grid.scale))),
  );
  return dtype === 'uint8' ? Uint8Array.from(levels) : dtype === 'uint16' ? bytesOf(Uint16Array.from(levels)) : null;
}

const bytesOf = ({buffer, byteOffset, byteLength}: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

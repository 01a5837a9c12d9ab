import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import type {ModelFormat, OpenModel} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import type {FileFormat} from './file-format.ts';

/** One kind of file that a model can be. */
export interface FormatRow {
  readonly format: ModelFormat | 'model-json';
  /** What messages call it. */
  readonly what: string;
  /** What a file is called where nobody says. */
  readonly fileName: string;
  /** How it begins. */
  readonly starts: RegExp;
  /** Fetches the code that reads it; none for those of this library and of TensorFlow.js, which `open` knows. */
  readonly reader?: () => Promise<FileFormat>;
  /** Opens it, in place of `reader`, where a format has more to it than weights in their places. */
  readonly open?: (bytes: Uint8Array) => Promise<OpenModel>;
}

const keras = async (): Promise<FileFormat> => (await import('./keras/file/format.ts')).kerasFormat;

/** Every format that is read, told apart by the first bytes: the one list that a new format joins. */
export const FORMATS: readonly FormatRow[] = [
  {format: 'tfmz', what: 'a .tfmz file', fileName: 'model.tfmz', starts: /^TFMZ/},
  // JSON may begin with a byte order mark.
  {
    format: 'model-json',
    what: 'a model.json of TensorFlow.js',
    fileName: 'model.json',
    starts: /^(\xef\xbb\xbf)?\s*\{/,
  },
  {format: 'keras-h5', what: 'a .h5 file of Keras', fileName: 'model.h5', starts: /^\x89HDF\r\n/, reader: keras},
  {format: 'keras', what: 'a .keras file', fileName: 'model.keras', starts: /^PK/, reader: keras},
  {
    format: 'tflite',
    what: 'a TensorFlow Lite model',
    fileName: 'model.tflite',
    starts: /^.{4}TFL3/s,
    reader: async () => (await import('./tflite/format.ts')).TFLITE,
  },
  {
    format: 'onnx',
    what: 'an .onnx file',
    fileName: 'model.onnx',
    // The version of the format, then a field of the model: who made it, its graph, its operators.
    starts: /^[\b][^@-\xff](?:[^ -\xff]|["*2:Br])/,
    reader: async () => (await import('./onnx/onnx-format.ts')).onnxFormat,
  },
];

/** Files that are taken for models, by how they begin, and what they are. */
const OTHERS: readonly (readonly [start: RegExp, what: string])[] = [[/^\s*</, 'a web page']];

/** First bytes that tell what a file is. */
const HEAD = 64;

/** The row of a file by how it begins, whatever it is called; undefined for none. */
export function formatOf(head: Uint8Array): FormatRow | undefined {
  const text = String.fromCharCode(...head.subarray(0, HEAD));
  return FORMATS.find(({starts}) => starts.test(text));
}

/**
 * Tells what a file is by how it begins.
 *
 * @param head The first bytes; 64 are enough.
 * @param where How a message calls the file.
 * @throws TfmotError `unsupported-model` for a model of another kind, or a web page; `corrupt-file` for anything else.
 */
export function checkFormat(head: Uint8Array, where: string): FormatRow {
  const row = formatOf(head);
  if (row !== undefined) return row;
  const text = String.fromCharCode(...head.subarray(0, HEAD));
  const other = OTHERS.find(([start]) => start.test(text));
  const must = `${where} must be ${FORMATS.map(({what}) => what).join(' or ')}`;
  if (other === undefined) throw new TfmotError('corrupt-file', `${must}, but starts otherwise. Fetch it again.`);
  throw new TfmotError('unsupported-model', `${must}, but is ${other[1]}.`);
}

/**
 * The row of a format by its name.
 *
 * @throws TfmotError `unsupported-model` for a name that is none.
 */
export function formatNamed(name: string): FormatRow {
  const row = FORMATS.find(({format}) => format === name);
  if (row !== undefined) return row;
  throw new TfmotError(
    'unsupported-model',
    `The file holds a model of format '${name}'. Update tfjs-model-optimization.`,
  );
}

/**
 * Opens a model's file of another toolkit.
 *
 * @throws TfmotError what its format's reader throws.
 */
export async function openRow(row: FormatRow, bytes: Uint8Array): Promise<OpenModel> {
  const {format, fileName, reader, open} = row;
  if (open !== undefined) return open(bytes);
  if (reader === undefined || format === 'model-json')
    throw new TfmotError('corrupt-file', `${row.what} cannot stand in another file.`);
  const {openFileOf} = await import('./open-file.ts');
  return openFileOf({format, fileName, reader: await reader()}, bytes);
}

/**
 * What TensorFlow.js loads of a model's file of another format.
 *
 * @throws TfmotError `unsupported-model` where it loads no such model.
 */
export async function artifactsInFile({
  format,
  bytes,
}: {
  readonly format: string;
  readonly bytes: Uint8Array;
}): Promise<ModelArtifacts> {
  const {artifacts} = await openRow(formatNamed(format), bytes);
  if (artifacts !== undefined) return artifacts;
  throw new TfmotError(
    'unsupported-model',
    `The file holds a model of format '${format}', which TensorFlow.js does not load. Take it out with (await open(bytes)).save().`,
  );
}

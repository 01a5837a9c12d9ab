import type {ModelFormat} from '../artifacts/open-model.ts';
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
}

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
const OTHERS: readonly (readonly [start: RegExp, what: string])[] = [
  [/^\x89HDF/, 'a Keras model in HDF5 (.h5)'],
  [/^PK/, 'a zip file, such as a .keras model'],
  [/^.{4}TFL3/s, 'a TensorFlow Lite model'],
  [/^\s*</, 'a web page'],
];

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

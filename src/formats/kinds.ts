import {TfmotError} from '../errors.ts';

/** The files that a model can be read from. */
export type FileKind = 'tfmz' | 'json';

/** Files that are taken for models, by how they begin, and what they are. */
const OTHERS: readonly (readonly [start: RegExp, what: string])[] = [
  [/^\x89HDF/, 'a Keras model in HDF5 (.h5)'],
  [/^PK/, 'a zip file, such as a .keras model'],
  [/^.{4}TFL3/s, 'a TensorFlow Lite model'],
  [/^\s*</, 'a web page'],
];

/**
 * Tells what a file is by how it begins, whatever it is called.
 *
 * @param head The first bytes; eight are enough.
 * @param where How a message calls the file.
 * @throws TfmotError `unsupported-model` for a model of another kind, or a web page; `corrupt-file` for anything else.
 */
export function checkKind(head: Uint8Array, where: string): FileKind {
  const text = String.fromCharCode(...head.subarray(0, 64));
  if (text.startsWith('TFMZ')) return 'tfmz';
  // JSON may begin with a byte order mark.
  if (/^(\xef\xbb\xbf)?\s*\{/.test(text)) return 'json';
  const other = OTHERS.find(([start]) => start.test(text));
  const must = `${where} must be a .tfmz file or a model.json of TensorFlow.js`;
  if (other === undefined) throw new TfmotError('corrupt-file', `${must}, but starts otherwise. Fetch it again.`);
  throw new TfmotError('unsupported-model', `${must}, but is ${other[1]}.`);
}

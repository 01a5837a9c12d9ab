import {quoted} from './shell.ts';

/** A kind of file that is no model this command reads, though people hand it some. */
export interface ForeignFile {
  /** What it is, as the end of "This is ...". */
  readonly what: string;
  /** What to do with it now. */
  readonly advice: string;
}

interface ForeignKind {
  readonly what: string;
  /** @param head The first bytes of the file, at most {@link HEAD_BYTES}. */
  matches(head: Buffer): boolean;
  advice(path: string): string;
}

/** So many bytes of a file say what it is. */
export const HEAD_BYTES: number = 64 * 1024;

const FROZEN = 'It is of TensorFlow 1: convert the Keras model or the SavedModel that it was made from.';

/** The kinds by what their bytes say, never by the name of the file; the first that matches counts. */
const KINDS: readonly ForeignKind[] = [
  {
    what: 'a model of PyTorch',
    matches: head => (isZip(head) && head.includes('data.pkl')) || (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5),
    advice: () => 'Export it as ONNX, which this command reads.',
  },
  {
    what: 'a zip archive',
    matches: head => isZip(head) && !head.includes('config.json'),
    advice: () => 'Unpack it, then name the model in it.',
  },
  {
    what: 'a gzip archive',
    matches: head => startsWith(head, '\x1f\x8b'),
    advice: () => 'Unpack it, then name the model in it.',
  },
  {
    what: 'the saved_model.pb of a TensorFlow SavedModel',
    matches: head => startsWith(head, '\x08\x01\x12'),
    advice: path =>
      `If Keras wrote it, convert its folder:${convert('keras_saved_model', path.replace(/[^/\\]*$/, '') || '.')}`,
  },
  {
    what: 'a frozen TensorFlow graph (.pb)',
    matches: isGraph,
    advice: () => FROZEN,
  },
  {
    what: 'NumPy arrays',
    matches: head => startsWith(head, '\x93NUMPY'),
    advice: () => 'Name the model they belong to.',
  },
  {
    what: 'a safetensors file',
    matches: head => head.length > 10 && head.readUInt32LE(4) === 0 && latin(head.subarray(8, 10)) === '{"',
    advice: () => 'Export it as ONNX, which this command reads.',
  },
  {
    what: 'a page of HTML',
    matches: head => /^\s*<(!doctype html|html)/i.test(latin(head)),
    advice: () => 'The download went wrong: fetch the model again.',
  },
  {
    what: 'a Git LFS pointer',
    matches: head => startsWith(head, 'version https://git-lfs'),
    advice: () => 'Fetch the file behind it: git lfs pull',
  },
];

/** What a file is by its first bytes; undefined where no kind fits. */
export function foreignFile(head: Buffer, path: string): ForeignFile | undefined {
  const kind = KINDS.find(({matches}) => matches(head));
  return kind && {what: kind.what, advice: kind.advice(path)};
}

/** What a folder of TensorFlow is. */
export function savedModelFolder(path: string): ForeignFile {
  return {
    what: 'a TensorFlow SavedModel',
    advice: `If Keras wrote it, convert it with Python's package tensorflowjs:${convert('keras_saved_model', path)}`,
  };
}

/** The command that converts a model, on a line of its own. */
function convert(format: string, path: string): string {
  const output = `${path.replace(/[/\\]+$/, '').replace(/\.(h5|keras|hdf5)(?=\.|$)/g, '')}-tfjs`;
  return `\n  tensorflowjs_converter --input_format=${format} --output_format=tfjs_layers_model ${quoted(path)} ${quoted(output)}`;
}

/** A node comes first in a graph: after its length its name and its op, which are words. */
function isGraph(head: Buffer): boolean {
  if (head[0] !== 0x0a) return false;
  let at = 1;
  while (head[at]! >= 0x80) at++;
  const name = fieldAt(head, at + 1, 0x0a);
  const op = name && fieldAt(head, at + 3 + name.length, 0x12);
  return name !== undefined && op !== undefined && /^[A-Z]\w+$/.test(op);
}

/** A short field of words in a protobuf message; undefined where another stands. */
function fieldAt(head: Buffer, at: number, tag: number): string | undefined {
  const [found, length] = [head[at], head[at + 1]];
  if (found !== tag || length === undefined || length >= 0x80) return undefined;
  const text = latin(head.subarray(at + 2, at + 2 + length));
  return text.length === length && /^[\w./^-]+$/.test(text) ? text : undefined;
}

function isZip(head: Buffer): boolean {
  return startsWith(head, 'PK\x03\x04');
}

function startsWith(head: Buffer, magic: string): boolean {
  return latin(head.subarray(0, magic.length)) === magic;
}

const latin = (bytes: Buffer): string => bytes.toString('latin1');

import {expect, test} from 'vitest';
import {checkKind} from './kinds.ts';

const head = (text: string): Uint8Array => Uint8Array.from(text, letter => letter.charCodeAt(0));

test.each([
  ['TFMZ\x01', 'tfmz'],
  ['{"format": ', 'json'],
  ['\xef\xbb\xbf{', 'json'],
  [' \n\t{', 'json'],
  [`${' '.repeat(63)}{`, 'json'],
] as const)('%j begins a model', (text, kind) => {
  expect(checkKind(head(text), 'The file')).toBe(kind);
});

test.each([
  ['\x89HDF\r\n', 'unsupported-model', 'HDF5'],
  ['PK\x03\x04', 'unsupported-model', 'zip'],
  ['\x1c\0\0\0TFL3', 'unsupported-model', 'TensorFlow Lite'],
  ['\n\n\n\nTFL3', 'unsupported-model', 'TensorFlow Lite'],
  [' <html>', 'unsupported-model', 'a web page'],
  [`${' '.repeat(63)}<`, 'unsupported-model', 'a web page'],
  ['', 'corrupt-file', 'starts otherwise'],
  ['TFM', 'corrupt-file', 'starts otherwise'],
  [' TFMZ', 'corrupt-file', 'starts otherwise'],
  ['[1]', 'corrupt-file', 'starts otherwise'],
])('%j begins none', (text, code, what) => {
  expect(() => checkKind(head(text), 'The file')).toThrow(
    expect.objectContaining({code, message: expect.stringContaining(what)}),
  );
});

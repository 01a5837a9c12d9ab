import {expect, test} from 'vitest';
import {checkFormat, FORMATS, formatNamed, formatOf} from './formats.ts';

const head = (text: string): Uint8Array => Uint8Array.from(text, letter => letter.charCodeAt(0));

test.each([
  ['TFMZ\x01', 'tfmz'],
  ['{"format": ', 'model-json'],
  ['\xef\xbb\xbf{', 'model-json'],
  [' \n\t{', 'model-json'],
  [`${' '.repeat(63)}{`, 'model-json'],
  ['\x89HDF\r\n\x1a\n', 'keras-h5'],
  ['PK\x03\x04', 'keras'],
  ['\x1c\0\0\0TFL3', 'tflite'],
  ['\n\n\n\nTFL3', 'tflite'],
])('%j begins a file of format %s', (text, format) => {
  expect(checkFormat(head(text), 'The file').format).toBe(format);
  expect(formatOf(head(text))).toBe(formatNamed(format));
});

test.each([
  [' <html>', 'unsupported-model', 'is a web page'],
  [`${' '.repeat(63)}<`, 'unsupported-model', 'is a web page'],
  ['', 'corrupt-file', 'starts otherwise'],
  ['TFM', 'corrupt-file', 'starts otherwise'],
  [' TFMZ', 'corrupt-file', 'starts otherwise'],
  ['[1]', 'corrupt-file', 'starts otherwise'],
])('%j begins none', (text, code, what) => {
  expect(formatOf(head(text))).toBeUndefined();
  expect(() => checkFormat(head(text), 'The file')).toThrow(
    expect.objectContaining({code, message: expect.stringContaining(what)}),
  );
});

test('formats have names of their own, and none has another name', () => {
  expect(new Set(FORMATS.map(({format}) => format)).size).toBe(FORMATS.length);
  for (const row of FORMATS) expect(formatNamed(row.format)).toBe(row);
  expect(() => formatNamed('pickle')).toThrow(expect.objectContaining({code: 'unsupported-model'}));
});

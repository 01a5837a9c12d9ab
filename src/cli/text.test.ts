import {expect, test} from 'vitest';
import {counted, layOut, shortened} from './text.ts';

const lines = (...args: [Parameters<typeof layOut>[0], number]): string[] => layOut(...args, head => `*${head}`);

test('tables align words to the left and numbers to the right', () => {
  const table = {
    head: ['weight', 'bytes'],
    rows: [
      ['a', '1,234'],
      ['bias', '5'],
    ],
  };
  expect(lines([table], 80)).toEqual(['*weight  bytes', 'a       1,234', 'bias        5']);
});

test('tables that are too wide shorten words in the middle, the longest first, and never numbers', () => {
  const table = {head: ['weight', 'why', 'bytes'], rows: [['a/long/path/to/a/kernel', 'is a bias', '123,456,789']]};
  expect(lines([table], 40)).toEqual([
    '*weight            why              bytes',
    'a/long/p…/kernel  is a bias  123,456,789',
  ]);
  expect(lines([table], 10).at(-1)).toBe('a/lo…nel  is a…ias  123,456,789');
});

test('paragraphs break at spaces alone', () => {
  expect(lines(['  a command to copy'], 9)).toEqual(['  a command to copy']);
  expect(lines(['one two three', '', '/a/path/without/spaces'], 9)).toEqual([
    'one two',
    '  three',
    '',
    '/a/path/without/spaces',
  ]);
});

test.each([
  ['kernel', 6, 'kernel'],
  ['kernels', 6, 'ker…ls'],
  ['kernels', 5, 'ke…ls'],
])('shortens %s to %i: %s', (text, length, short) => {
  expect(shortened(text, length)).toBe(short);
});

test('counts things', () => {
  expect([counted(1, 'weight'), counted(1200, 'weight'), counted(2, 'bias', 'biases')]).toEqual([
    '1 weight',
    '1,200 weights',
    '2 biases',
  ]);
});

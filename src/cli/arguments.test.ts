import {InvalidArgumentError} from 'commander';
import {describe, expect, test} from 'vitest';
import {integer, mByN, pair, positive, share, sparsity} from './arguments.ts';

const PARSERS = {sparsity, share, positive, pair, mByN, integer: integer(2, 16)} as const;

describe.each<[keyof typeof PARSERS, readonly [string, unknown][], readonly string[]]>([
  [
    'sparsity',
    [
      ['0.8', 0.8],
      ['.8', 0.8],
      ['0,8', 0.8],
      ['80%', 0.8],
      [' 80 % ', 0.8],
      ['87.5%', 0.875],
      ['87,5 %', 0.875],
      ['0', 0],
    ],
    ['1', '100%', '90', '-0.5', '0.8.1', '0,8,1', '1,000', 'half', '', '%', 'NaN', '1e-400x'],
  ],
  [
    'share',
    [
      ['0', 0],
      ['1%', 0.01],
      ['1', 1],
      ['100%', 1],
    ],
    ['1.1', '101%', '-1', 'x'],
  ],
  [
    'positive',
    [
      ['0.01', 0.01],
      ['0,01', 0.01],
      ['1e-3', 0.001],
    ],
    ['0', '-1', 'Infinity', '', 'x'],
  ],
  ['pair', [['4,1', [4, 1]]], ['4', '4,0', '4,1,1', '4,1.5', 'x']],
  ['mByN', [['2,4', [2, 4]]], ['4,4', '4,2', '0,4']],
  [
    'integer',
    [
      ['2', 2],
      ['16', 16],
    ],
    ['1', '17', '2.5', '', 'x'],
  ],
])('%s', (name, right, wrong) => {
  test.each(right)('reads %j', (text, value) => {
    expect(PARSERS[name](text)).toEqual(value);
  });
  test.each(wrong)('refuses %j', text => {
    expect(() => PARSERS[name](text)).toThrow(InvalidArgumentError);
  });
});

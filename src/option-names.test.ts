import {expect, test} from 'vitest';
import {TfmotError} from './errors.ts';
import {checkOptionNames, nearest} from './option-names.ts';

const NAMES = ['pruningSchedule', 'blockSize', 'sparsityMByN', 'step'];

test.each([
  ['pruning_schedule', 'pruningSchedule'],
  ['PruningSchedule', 'pruningSchedule'],
  ['pruningShedule', 'pruningSchedule'],
  ['pruningScehdule', 'pruningSchedule'],
  ['blocksize', 'blockSize'],
  ['block-size', 'blockSize'],
  ['sparsity_m_by_n', 'sparsityMByN'],
  ['stpe', 'step'],
  ['steps', 'step'],
])('%s was meant to be %s', (given, meant) => {
  expect(nearest(given, NAMES)).toBe(meant);
  expect(() => checkOptionNames({[given]: 1}, NAMES, 'prune')).toThrow(`Did you mean ${meant}?`);
});

test.each(['batchSize', 'x', '', 'to'])('nothing is near %s', given => {
  expect(nearest(given, NAMES)).toBeUndefined();
  expect(() => checkOptionNames({[given]: 1}, NAMES, 'prune')).toThrow(`It knows ${NAMES.join(', ')}.`);
});

// Of a name's letters up to a third may be wrong, and two at most, one after the other.
test.each([
  ['ab', 'ax', false],
  ['x', 'xx', false],
  ['xx', 'x', false],
  ['abc', 'abx', true],
  ['abc', 'axy', false],
  ['abcde', 'abxye', false],
  ['abcdef', 'abxyef', true],
  ['abcdef', 'abxyz', false],
  ['abcdef', 'abcdefgh', true],
  ['abcdef', 'abcdefghi', false],
  ['abcdefghijkl', 'abxyzfghijkl', false],
  // Two neighbours that changed places are one slip, two of other places are not.
  ['abc', 'acb', true],
  ['abcde', 'abdce', true],
  ['abcd', 'cbad', false],
  ['abcd', 'abccd', true],
  ['abba', 'abbba', true],
])('%s and %s are near each other: %s', (given, name, near) => {
  expect(nearest(given, [name])).toBe(near ? name : undefined);
});

test('of several names the nearest is meant, of two as near the first', () => {
  expect(nearest('abcdef', ['abcdxy', 'abcdex', 'abcdey'])).toBe('abcdex');
  expect(nearest('abcdef', ['Abc-def', 'abcdef'])).toBe('Abc-def');
});

test.each([[null], [[]], [5], ['0.8'], [true]])('%s is no options object', given => {
  expect(() => checkOptionNames(given, NAMES, 'prune')).toThrow(TfmotError);
});

test.each([[undefined], [{}], [{step: undefined}], [{step: 1, blockSize: 2}]])('%o is fine', given => {
  expect(() => checkOptionNames(given, NAMES, 'prune')).not.toThrow();
});

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

test.each([[null], [[]], [5], ['0.8'], [true]])('%s is no options object', given => {
  expect(() => checkOptionNames(given, NAMES, 'prune')).toThrow(TfmotError);
});

test.each([[undefined], [{}], [{step: undefined}], [{step: 1, blockSize: 2}]])('%o is fine', given => {
  expect(() => checkOptionNames(given, NAMES, 'prune')).not.toThrow();
});

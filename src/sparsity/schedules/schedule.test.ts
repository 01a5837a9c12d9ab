import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {constantSparsity} from './constant-sparsity.ts';
import {neverPruned} from './never-pruned.ts';
import {polynomialDecay} from './polynomial-decay.ts';
import type {PruningSchedule} from './schedule.ts';
import {pruningScheduleFromConfig, registerPruningSchedule} from './schedule-registry.ts';

test.each([
  {options: {initialSparsity: 0, finalSparsity: 0.9, beginStep: 10, endStep: 20, power: 1}, values: [[15, 0.45]]},
  {
    options: {initialSparsity: 0.5, finalSparsity: 0.8, beginStep: 0, endStep: 844},
    values: [
      [100, 0.5944996],
      [400, 0.756324],
      [800, 0.7999575],
      [844, 0.8],
    ],
  },
  {
    options: {initialSparsity: 0.5, finalSparsity: 0.8, beginStep: 7, endStep: 7},
    values: [
      [6, 0.5],
      [7, 0.8],
      [8, 0.8],
    ],
  },
])('decay $options', ({options, values}) => {
  const schedule = polynomialDecay(options);
  for (const [step, value] of values) expect(schedule.sparsityAt(step!)).toBeCloseTo(value!, 6);
});

test('both kinds prune between begin and end alone, at multiples of the frequency', () => {
  const steps = {beginStep: 100, endStep: 200, frequency: 10};
  for (const schedule of [
    constantSparsity({targetSparsity: 0.5, ...steps}),
    polynomialDecay({initialSparsity: 0.2, finalSparsity: 0.8, ...steps}),
  ]) {
    expect([90, 100, 109, 110, 111, 200, 201, 210].filter(step => schedule.shouldPruneAt(step))).toEqual([
      100, 110, 200,
    ]);
  }
});

test('schedules survive their configuration', () => {
  const sparsity = fc.double({min: 0, max: 1, maxExcluded: true, noNaN: true});
  const step = fc.nat(1000);
  fc.assert(
    fc.property(
      sparsity,
      sparsity,
      step,
      step,
      fc.integer({min: 1, max: 50}),
      (initial, final, begin, length, freq) => {
        const steps = {beginStep: begin, endStep: begin + length, frequency: freq};
        for (const schedule of [
          constantSparsity({targetSparsity: initial, ...steps}),
          polynomialDecay({initialSparsity: initial, finalSparsity: final, power: 2, ...steps}),
        ]) {
          const again = pruningScheduleFromConfig(JSON.parse(JSON.stringify(schedule.getConfig())));
          expect(again.getConfig()).toEqual(schedule.getConfig());
          for (const at of [1, begin, begin + freq, begin + length, begin + length + 1]) {
            expect([again.sparsityAt(at), again.shouldPruneAt(at)]).toEqual([
              schedule.sparsityAt(at),
              schedule.shouldPruneAt(at),
            ]);
          }
        }
      },
    ),
  );
});

test('a decay never leaves the range of its ends, and rises where they do', () => {
  const sparsity = fc.double({min: 0, max: 1, maxExcluded: true, noNaN: true});
  fc.assert(
    fc.property(sparsity, sparsity, fc.integer({min: 1, max: 300}), (a, b, endStep) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const schedule = polynomialDecay({initialSparsity: low, finalSparsity: high, beginStep: 0, endStep});
      let last = low;
      for (let step = 0; step <= endStep; step++) {
        const now = schedule.sparsityAt(step);
        expect(now).toBeGreaterThanOrEqual(last - 1e-7);
        last = now;
      }
      expect(last).toBe(high);
    }),
  );
});

test('own schedules are found by name', () => {
  const own: PruningSchedule = {
    sparsityAt: step => step / 100,
    shouldPruneAt: () => true,
    getConfig: () => ({className: 'Linear', config: {}}),
  };
  registerPruningSchedule('Linear', () => own);
  expect(pruningScheduleFromConfig({className: 'Linear', config: {}})).toBe(own);
});

test('the warning names the schedule and its first step', () => {
  const late = constantSparsity({targetSparsity: 0.5, beginStep: 0});
  const never = constantSparsity({targetSparsity: 0.5, beginStep: 3, endStep: 5, frequency: 100});
  expect(neverPruned([{schedule: late, step: 100}])).toBeUndefined();
  expect(neverPruned([{schedule: late, step: 99}])).toMatch(
    /ConstantSparsity\(.*\) starts at step 100, .* after step 99/,
  );
  expect(neverPruned([{schedule: never, step: 2}])).toMatch(/starts at step 3/);
  expect(
    neverPruned([
      {schedule: polynomialDecay({initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 0}), step: 9},
    ]),
  ).toMatch(/PolynomialDecay.* does not start within/);
});

import {describe, expect, test} from 'vitest';
import {constantSparsity} from '../../../src/sparsity/schedules/constant-sparsity.ts';
import {polynomialDecay} from '../../../src/sparsity/schedules/polynomial-decay.ts';
import type {PruningSchedule} from '../../../src/sparsity/schedules/schedule.ts';
import {pruningScheduleFromConfig} from '../../../src/sparsity/schedules/schedule-registry.ts';
import {vectors} from './_vectors.ts';

type Steps = [beginStep: number, endStep: number, frequency?: number];

const MAKERS: readonly [string, (...steps: Steps) => PruningSchedule][] = [
  [
    'constantSparsity',
    (beginStep, endStep, frequency = 10) => constantSparsity({targetSparsity: 0.5, beginStep, endStep, frequency}),
  ],
  [
    'polynomialDecay',
    (beginStep, endStep, frequency = 10) =>
      polynomialDecay({initialSparsity: 0.2, finalSparsity: 0.8, beginStep, endStep, frequency}),
  ],
];

describe('vectors', () => {
  test.each(vectors.polynomialDecaySparsity)('decay from $initial to $final over $begin..$end', vector => {
    const schedule = polynomialDecay({
      initialSparsity: vector.initial,
      finalSparsity: vector.final,
      beginStep: vector.begin,
      endStep: vector.end,
      power: vector.power,
    });
    for (const [step, value] of vector.values) expect(schedule.sparsityAt(step)).toBeCloseTo(value, 6);
  });

  test.each(vectors.shouldPruneInStep)('$schedule from $begin to $end every $frequency', vector => {
    const steps = {beginStep: vector.begin, endStep: vector.end, frequency: vector.frequency};
    const schedule =
      vector.schedule === 'ConstantSparsity'
        ? constantSparsity({targetSparsity: 0.5, ...steps})
        : polynomialDecay({initialSparsity: 0.2, finalSparsity: 0.8, ...steps});
    expect(vector.values.map(([step]) => [step, schedule.shouldPruneAt(step)])).toEqual(vector.values);
  });
});

describe.each(MAKERS)('the toolkit on %s', (_, make) => {
  test.each<Steps>([
    [-1, 1000],
    [-5, 1000],
    [10, -5],
    [10, 5],
    [10, 1000, 0],
    [10, 1000, -1],
    [10, 1000, -5],
  ])('refuses steps %d to %d, every %d', (...steps) => {
    expect(() => make(...steps)).toThrow(expect.objectContaining({code: 'invalid-schedule'}));
  });

  test.each<Steps>([
    [0, 1000],
    [1, 1000],
    [100, 1000],
    [0, 0],
    [0, 1],
    [0, 100],
    [10, 10],
    [10, 20],
    [10, 1000, 1],
    [10, 1000, 10],
  ])('takes steps %d to %d, every %d', (...steps) => {
    expect(make(...steps).shouldPruneAt(steps[0])).toBe(true);
  });

  test('prunes in the range from begin to end only', () => {
    const schedule = make(100, 200, 1);
    const inside = [90, 99, 100, 110, 200, 201, 210].map(step => schedule.shouldPruneAt(step));
    expect(inside).toEqual([false, false, true, true, true, false, false]);
  });

  test('prunes at multiples of the frequency after begin', () => {
    const schedule = make(100, 200, 10);
    const inside = [100, 109, 110, 111].map(step => schedule.shouldPruneAt(step));
    expect(inside).toEqual([true, false, true, false]);
  });

  test('goes through its config unchanged', () => {
    const schedule = make(10, 20, 10);
    const copy = pruningScheduleFromConfig(JSON.parse(JSON.stringify(schedule.getConfig())));
    expect(copy.getConfig()).toEqual(schedule.getConfig());
    for (let step = 0; step < 40; step++) {
      expect([copy.shouldPruneAt(step), copy.sparsityAt(step)]).toEqual([
        schedule.shouldPruneAt(step),
        schedule.sparsityAt(step),
      ]);
    }
  });
});

const ramp = {initialSparsity: 0.2, finalSparsity: 0.8, beginStep: 10, endStep: 20};
const SPARSITIES: readonly [string, (sparsity: number) => PruningSchedule][] = [
  ['targetSparsity', targetSparsity => constantSparsity({targetSparsity, beginStep: 10, endStep: 20})],
  ['initialSparsity', initialSparsity => polynomialDecay({...ramp, initialSparsity})],
  ['finalSparsity', finalSparsity => polynomialDecay({...ramp, finalSparsity})],
];

describe.each(SPARSITIES)('the toolkit on %s', (name, make) => {
  test.each([-0.001, -1, -10, 1, 10])('refuses %d', sparsity => {
    expect(() => make(sparsity)).toThrow(expect.objectContaining({code: 'invalid-sparsity'}));
    expect(() => make(sparsity)).toThrow(name);
  });

  test.each([0, 0.001, 0.5, 0.99])('takes %d', sparsity => {
    expect(make(sparsity).getConfig().config[name]).toBe(sparsity);
  });
});

describe('single cases of the toolkit', () => {
  test('a constant schedule without end goes on for ever', () => {
    const schedule = constantSparsity({targetSparsity: 0.5, beginStep: 0, endStep: -1, frequency: 10});
    for (const step of [10_000, 100_000_000]) {
      expect([schedule.shouldPruneAt(step), schedule.sparsityAt(step)]).toEqual([true, 0.5]);
    }
  });

  test('a ramp must end', () => {
    expect(() => polynomialDecay({...ramp, endStep: -1})).toThrow(expect.objectContaining({code: 'invalid-schedule'}));
  });

  test('a ramp from 0.2 to 0.8 over ten steps', () => {
    const schedule = polynomialDecay({...ramp, beginStep: 100, endStep: 110, frequency: 2});
    const expected = [0.2, 0.4928, 0.725, 0.8];
    [100, 102, 105, 110].forEach((step, i) => {
      expect(schedule.sparsityAt(step)).toBeCloseTo(expected[i]!, 6);
    });
  });

  test('the ramp of the tutorial', () => {
    const schedule = polynomialDecay({initialSparsity: 0.5, finalSparsity: 0.8, beginStep: 0, endStep: 844});
    const expected = [0.5944996, 0.756324, 0.7999575];
    [100, 400, 800].forEach((step, i) => {
      expect(schedule.sparsityAt(step)).toBeCloseTo(expected[i]!, 6);
    });
  });
});

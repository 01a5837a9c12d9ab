import {expect, test} from 'vitest';
import {artifactsWith, floats} from '../../testing/artifacts.ts';
import {seeded} from '../../testing/seeded.ts';
import {chooseLevels} from '../quantizers/rate-distortion.ts';
import {compress} from './compress.ts';

const random = seeded(9);
const normal = (): number => random() + random() + random() + random() - 2;
const values = Float32Array.from({length: 20_000}, () => (random() < 0.2 ? normal() : 0));

test('without lambda every value takes its nearest level', () => {
  const levels = chooseLevels(values, 100, 0.25, 0);
  expect(levels).toEqual(Int32Array.from(values, value => Math.round(value / 0.25)));
});

test('with lambda levels go toward zero, by one or to zero, and never past what lambda allows', () => {
  const lambda = 0.2;
  const levels = chooseLevels(values, 100, 0.25, lambda);
  let moved = 0;
  let wrong = 0;
  values.forEach((value, i) => {
    const nearest = Math.abs(Math.round(value / 0.25));
    const level = Math.abs(levels[i]!);
    if (level !== nearest) moved++;
    if (level !== 0 && level !== nearest && level !== nearest - 1) wrong++;
    if (levels[i]! * value < 0) wrong++;
    // No level costs more than 20 bits here, so none is worth more than that.
    if ((Math.abs(value) / 0.25 - level) ** 2 > 0.25 + lambda * 20) wrong++;
  });
  expect(wrong).toBe(0);
  expect(moved).toBeGreaterThan(100);
});

test('rate and distortion trade as lambda says', async () => {
  const model = artifactsWith([floats('a/kernel', [200, 100], values)]);
  const points = await Promise.all(
    [0, 0.05, 0.1, 0.2, 0.4].map(async lambda => {
      const levels = chooseLevels(values, 100, 0.1, lambda);
      const error = values.reduce((sum, value, i) => sum + (value / 0.1 - levels[i]!) ** 2, 0);
      const bits = (await compress(model, {step: 0.1, lambda})).length * 8;
      return {lambda, error, bits};
    }),
  );
  for (let i = 1; i < points.length; i++) {
    const {lambda, error, bits} = points[i]!;
    const before = points[i - 1]!;
    expect(bits).toBeLessThan(before.bits);
    expect(error).toBeGreaterThan(before.error);
    // The bits saved were worth the error at this lambda.
    expect(error + lambda * bits).toBeLessThan(before.error + lambda * before.bits);
  }
});

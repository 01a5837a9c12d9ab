import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {histogramOf} from './histogram.ts';
import {escapeJson, escapeMarkdown, escapeMarkup} from './render/escape.ts';
import {bytes, percent} from './render/numbers.ts';
import {runsOf, thumbnailOf} from './thumbnail.ts';

describe('thumbnails', () => {
  test('hold which weights of the first 64 rows and columns are not zero', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 80}),
        fc.integer({min: 1, max: 80}),
        fc.infiniteStream(fc.boolean()),
        (down, across, bits) => {
          const values = Float32Array.from({length: down * across}, () => (bits.next().value ? 1 : 0));
          const thumbnail = thumbnailOf(values, [down, across])!;
          expect(thumbnail).toMatchObject({
            rows: Math.min(64, down),
            columns: Math.min(64, across),
            of: [down, across],
          });
          runsOf(thumbnail).forEach((runs, row) => {
            const drawn = new Float32Array(thumbnail.columns);
            for (const [start, length] of runs) drawn.fill(1, start, start + length);
            expect(drawn).toEqual(values.slice(row * across, row * across + thumbnail.columns));
          });
        },
      ),
      {numRuns: 50},
    );
  });

  test('see a convolution as taps and inputs by outputs', () => {
    expect(thumbnailOf(new Float32Array(54), [3, 3, 2, 3])).toMatchObject({rows: 18, columns: 3});
    expect(thumbnailOf(new Float32Array(1), [])).toBeUndefined();
    expect(thumbnailOf(new Float32Array(0), [0, 4])).toBeUndefined();
  });
});

describe('histograms', () => {
  test('count every finite value that is not zero once', () => {
    fc.assert(
      fc.property(fc.float32Array({minLength: 0, maxLength: 200}), values => {
        const expected = values.filter(value => value !== 0 && Number.isFinite(value));
        const histogram = histogramOf(values);
        if (expected.length === 0) expect(histogram).toBeUndefined();
        else expect(histogram!.counts.reduce((sum, count) => sum + count, 0)).toBe(expected.length);
      }),
    );
  });

  test('have zero in the middle where values lie on both sides', () => {
    expect(histogramOf(Float32Array.of(-1, 3))).toMatchObject({min: -3, max: 3});
    expect(histogramOf(Float32Array.of(2, 2))).toEqual({min: 2, max: 2, counts: [2]});
    expect(histogramOf(Float32Array.of(1, 2))).toMatchObject({min: 1, max: 2});
  });
});

test.each([
  [escapeMarkup, `<script>&"'`, '&lt;script&gt;&amp;&quot;&#39;'],
  [escapeMarkdown, '|a_b|\n<i>', '\\|a\\_b\\| \\<i\\>'],
  [escapeJson, {a: '</script>\u2028'}, '{"a":"\\u003c/script>\\u2028"}'],
  [bytes, 999, '999 B'],
  [bytes, 12_345_678, '12.3 MB'],
  [percent, 0.99999, '99.9 %'],
  [percent, 1, '100.0 %'],
] as [(value: never) => string, unknown, string][])('%o of %j', (render, value, expected) => {
  expect(render(value as never)).toBe(expected);
});

import * as tf from '@tensorflow/tfjs';
import {parseHTML} from 'linkedom';
import {beforeAll, describe, expect, test} from 'vitest';
import {openArtifacts} from '../../src/formats/open-artifacts.ts';
import * as tfmot from '../../src/index.ts';
import {openLive} from '../../src/live/open-live.ts';
import {checkRun} from '../../src/report/check-run.ts';
import {renderHtml, renderMarkdown, renderText, report, runRecorder} from '../../src/report/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {seeded} from '../../testing/seeded.ts';

checkLeaks();

/** Names that break out of careless HTML, Markdown and JSON. */
const HOSTILE = `<script>alert(1)</script>|"'&😀`;

function network(): tf.Sequential {
  return tf.sequential({
    name: 'net',
    layers: [
      tf.layers.dense({units: 16, inputShape: [12], activation: 'relu', name: 'first'}),
      tf.layers.dense({units: 4, name: 'second'}),
    ],
  });
}

async function prunedModel(recorder = runRecorder({seed: 1})) {
  const pruned = tfmot.sparsity.pruneLowMagnitude(network(), {
    pruningSchedule: tfmot.sparsity.polynomialDecay({
      ...{initialSparsity: 0, finalSparsity: 0.75, beginStep: 0, endStep: 6, frequency: 2},
    }),
  });
  pruned.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  const random = seeded(5);
  const xs = tf.tensor2d(Array.from({length: 16}, () => Array.from({length: 12}, random)));
  const ys = tf.tensor2d(Array.from({length: 16}, () => Array.from({length: 4}, random)));
  const {sparsity} = tfmot;
  await pruned.fit(xs, ys, {
    ...{epochs: 2, batchSize: 4, verbose: 0, shuffle: false},
    callbacks: [sparsity.updatePruningStep(), sparsity.pruningSummaries({onRecord: recorder.record})],
  });
  const stripped = sparsity.stripPruning(pruned);
  const open = await openLive(stripped);
  for (const each of [xs, ys, pruned, stripped]) each.dispose();
  return {open, recorder};
}

describe('a model that trained', () => {
  let facts: Awaited<ReturnType<typeof report>>;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    const {open, recorder} = await prunedModel();
    facts = await report(open, {title: 'A small net', run: recorder.run()});
  });

  test('every weight has its numbers, and what is left alone its reason', () => {
    const [kernel, bias] = facts.weights;
    expect(kernel).toMatchObject({role: 'kernel', elements: 192, nonZeros: 48, mask: {rows: 12, columns: 16}});
    expect(kernel).not.toHaveProperty('kept');
    expect(bias).toMatchObject({role: 'bias', kept: 'a bias'});
    expect(facts.model).toMatchObject({
      parameters: 276,
      nonZeros: 48 + 16 + facts.weights[1]!.nonZeros + facts.weights[3]!.nonZeros,
    });
    expect(facts.latency!.multiplyAdds + facts.latency!.skippedMultiplyAdds).toBe(256);
    expect(facts.notes).toEqual([]);
  });

  test('the run has the masks of every update, from none to the last', () => {
    const {updates, epochs, weights} = facts.run!;
    expect(weights).toEqual(['first/kernel', 'second/kernel']);
    expect(updates.map(({step}) => step)).toEqual([0, 2, 4, 6]);
    expect(updates.map(({sparsity}) => sparsity['first/kernel'])).toEqual(
      updates.map(({planned}) => expect.closeTo(planned!, 2)),
    );
    expect(updates.at(-1)!.sparsity['first/kernel']).toBe(0.75);
    expect(updates.at(-1)!.masks['first/kernel']).toEqual(facts.weights[0]!.mask);
    expect(epochs).toMatchObject([
      {epoch: 0, step: 4},
      {epoch: 1, step: 8, logs: {loss: expect.any(Number)}},
    ]);
  });

  test('the run is read back from JSON as it was', () => {
    expect(checkRun(JSON.parse(JSON.stringify(facts.run)), 'run.json')).toEqual(facts.run);
  });

  test('the page holds every figure and the facts, and asks for nothing from outside', () => {
    const html = renderHtml(facts);
    const {document} = parseHTML(html);
    expect([...document.querySelectorAll('section')].map(({id}) => id)).toEqual([
      ...['sizes', 'latency', 'layers', 'network', 'masks', 'histograms', 'ramp', 'animation', 'training'],
      ...['weights', 'sizes-table', 'latency-table', 'run'],
    ]);
    expect(JSON.parse(document.querySelector('#facts')!.textContent!)).toEqual(JSON.parse(JSON.stringify(facts)));
    for (const image of document.querySelectorAll('[role=img]'))
      expect(image.getAttribute('aria-label')!.length).toBeGreaterThan(20);
    expect(html).not.toMatch(/(?:src|href)="(?!#|data:)|url\(|@import/);
    expect(renderHtml(facts)).toBe(html);
  });

  test('text and Markdown have a line for every weight', () => {
    for (const render of [renderText, renderMarkdown]) {
      const lines = render(facts).split('\n');
      for (const {name} of facts.weights)
        expect(lines.filter(line => line.replaceAll('\\', '').includes(name))).toHaveLength(1);
    }
  });
});

describe('what a report must stand', () => {
  test('names with markup and emoji', async () => {
    const layer = {class_name: 'Dense', config: {name: HOSTILE, units: 2, batch_input_shape: [null, 2]}};
    const open = openArtifacts({
      modelTopology: {class_name: 'Sequential', config: {name: 'm', layers: [layer]}},
      weightSpecs: [
        {name: `${HOSTILE}/kernel`, shape: [2, 2], dtype: 'float32'},
        {name: `${HOSTILE}/bias`, shape: [2], dtype: 'float32'},
      ],
      weightData: Float32Array.of(1, 0, 0, 2, 1, 1).buffer,
    });
    const facts = await report(open, {title: HOSTILE, latency: false});
    expect(facts.weights[0]).toMatchObject({role: 'kernel', layer: HOSTILE});
    const html = renderHtml(facts);
    expect(html).not.toContain('<script>alert');
    const {document} = parseHTML(html);
    expect(document.querySelector('h1')!.textContent).toBe(HOSTILE);
    expect(document.querySelectorAll('script')).toHaveLength(1);
    expect(renderMarkdown(facts)).not.toMatch(/(?<!\\)<script/);
  });

  test('a model without a weight that pruning touches', async () => {
    const model = tf.sequential({layers: [tf.layers.flatten({inputShape: [2, 2]})]});
    const facts = await report(await openLive(model), {latency: false});
    model.dispose();
    expect(facts.model).toMatchObject({parameters: 0, nonZeros: 0, bytes: 0});
    expect(renderHtml(facts)).toContain('0 parameters');
  });

  test('a model that the engine cannot run has a report that says so', async () => {
    const open = openArtifacts({
      modelTopology: {
        class_name: 'Sequential',
        config: {name: 'm', layers: [{class_name: 'Mystery', config: {name: 'x', batch_input_shape: [null, 2]}}]},
      },
      ...{weightSpecs: [], weightData: new ArrayBuffer(0)},
    });
    const {notes, latency} = await report(open);
    expect(notes).toEqual([expect.stringMatching(/The engine did not run it: .*Mystery/)]);
    expect(latency).toBeUndefined();
  });

  test('an option that it does not know', async () => {
    const open = openArtifacts({
      modelTopology: {class_name: 'Sequential', config: {layers: []}},
      weightSpecs: [],
      weightData: new ArrayBuffer(0),
    });
    await expect(report(open, {titel: 'x'} as never)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining("'titel'"),
    });
  });
});

test('more than 64 updates are thinned out, the first kept', async () => {
  const recorder = runRecorder();
  const weight = {
    name: 'k',
    shape: [2, 2],
    sparsity: 0.5,
    planned: 0.5,
    threshold: 0.1,
    mask: async () => new Float32Array(4),
  };
  for (let step = 0; step < 300; step++) await recorder.record({kind: 'update', step, weights: [weight]});
  const steps = recorder.run().updates.map(({step}) => step);
  expect(steps.length).toBeLessThanOrEqual(64);
  expect(steps.length).toBeGreaterThan(32);
  expect(steps).toEqual(steps.map((_, i) => i * 8));
});

test('a run that goes on from a checkpoint is one run', async () => {
  const weight = {
    name: 'k',
    shape: [2, 2],
    sparsity: 0.5,
    planned: 0.5,
    threshold: 0.1,
    mask: async () => new Float32Array(4),
  };
  const first = runRecorder({seed: 3});
  const moment = (kind: 'begin' | 'update' | 'epoch', step: number) => ({kind, step, weights: [weight]});
  for (const step of [0, 2, 4, 6]) await first.record(moment(step === 0 ? 'begin' : 'update', step));
  await first.record(moment('epoch', 5));
  const second = runRecorder({seed: 3}, first.run());
  for (const step of [3, 4, 6, 8]) await second.record(moment(step === 3 ? 'begin' : 'update', step));
  expect(second.run().updates.map(({step}) => step)).toEqual([0, 2, 3, 4, 6, 8]);
  expect(second.run().epochs).toEqual([]);
});

test.each([
  ['another kind', {kind: 'x'}],
  ['another version', {kind: 'tfmot-run', version: 2}],
  ['no updates', {kind: 'tfmot-run', version: 1, about: {}, weights: [], epochs: []}],
  ['an update without a step', {kind: 'tfmot-run', version: 1, about: {}, weights: [], updates: [{}], epochs: []}],
  [
    'a thumbnail larger than its bits',
    {
      ...{kind: 'tfmot-run', version: 1, about: {}, weights: [], epochs: []},
      updates: [{step: 1, sparsity: {}, threshold: {}, masks: {k: {rows: 1e9, columns: 1, of: [1, 1], bits: 'AA=='}}}],
    },
  ],
  ['text as an epoch', {kind: 'tfmot-run', version: 1, about: {}, weights: [], updates: [], epochs: ['x']}],
])('a run.json with %s is refused', (_name, value) => {
  expect(() => checkRun(value, 'run.json')).toThrow(expect.objectContaining({code: 'invalid-input'}));
});

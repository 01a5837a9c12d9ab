import {readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import type {Browser, Page} from 'playwright-core';
import {build} from 'tsdown';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type * as Inference from '../../src/inference/index.ts';
import configurations from '../../tsdown.config.ts';
import {chromiumInstalled, unmet} from '../_needs.ts';
import {openChromium} from './_chromium.ts';
import {type Site, serve} from './_server.ts';

/** A test image and what TensorFlow.js makes of it. */
interface Sample {
  readonly digit: number;
  readonly image: string;
  readonly probabilities: readonly number[];
}

/** What {@link EXPORTER} makes visible to functions that run in the page. */
declare const compile: typeof Inference.compile;

const EXPORTER = `
  import {compile} from 'tfjs-model-optimization/inference';
  Object.assign(globalThis, {compile});
  document.body.dataset.exported = '';
`;
const root = resolve(import.meta.dirname, '../..');
const built = resolve(root, '.cache/inference-page');
const samples = JSON.parse(readFileSync(resolve(root, 'examples/inference-page/samples.json'), 'utf8')) as Sample[];

const needs = unmet(chromiumInstalled);
describe.skipIf(needs)(`the page that runs a pruned model${needs}`, () => {
  let browser: Browser;
  let site: Site;
  let page: Page;
  const problems: string[] = [];
  const requested: string[] = [];

  beforeAll(async () => {
    const library = [configurations].flat().find(({format}) => format === 'esm');
    await build({...library, config: false, dts: false, logLevel: 'error', outDir: built});
    site = await serve('', {dist: built, examples: resolve(root, 'examples')});
    ({browser, page} = await openChromium());
    page.on('pageerror', error => problems.push(error.message));
    page.on('response', response => {
      requested.push(response.url());
      if (!response.ok()) problems.push(`${response.url()}: ${response.status()}`);
    });
    await page.goto(`${site.url}examples/inference-page/index.html`);
    await page.waitForFunction(() => document.querySelector('#answer')?.textContent === 'Ready');
  });

  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  test('it loads without a problem and without TensorFlow.js', () => {
    expect(problems).toEqual([]);
    expect(requested.some(url => url.includes('/dist/inference/'))).toBe(true);
    // The library's own reader of graph models is no part of TensorFlow.js.
    const others = requested.filter(url => !url.includes('/formats/tfjs-graph/'));
    expect(others.filter(url => /tensorflow|tfjs|tf\./.test(url))).toEqual([]);
  });

  test('a click on each sample names the digit that TensorFlow.js saw', async () => {
    for (const [index, {probabilities}] of samples.entries()) {
      const answer = probabilities.indexOf(Math.max(...probabilities));
      await page.click(`#samples canvas:nth-child(${index + 1})`);
      await page.waitForFunction(
        text => document.querySelector('#answer')?.textContent?.startsWith(text),
        `This is a ${answer}.`,
      );
    }
  });

  test('a drawn line is classified', async () => {
    const box = (await page.locator('#drawing').boundingBox())!;
    await page.mouse.move(box.x + 140, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 140, box.y + 220, {steps: 10});
    await page.mouse.up();
    await page.waitForFunction(() => document.querySelector('#answer')?.textContent?.startsWith('This is a 1.'));
  });

  test('the table shows that most multiply-adds are skipped', async () => {
    const cells = await page.locator('#ops tr td:nth-child(5), #ops tr td:nth-child(6)').allTextContents();
    const numbers = cells.map(text => Number(text.replaceAll(',', '')));
    const done = numbers.filter((_, index) => index % 2 === 0).reduce((sum, count) => sum + count, 0);
    const skipped = numbers.filter((_, index) => index % 2 === 1).reduce((sum, count) => sum + count, 0);
    expect(skipped / (skipped + done)).toBeGreaterThan(0.85);
  });

  test.for(['simd', 'relaxed'] as const)('with %s kernels it computes what TensorFlow.js does', async variant => {
    await page.addScriptTag({type: 'module', content: EXPORTER});
    await page.waitForSelector('[data-exported]', {state: 'attached'});
    const outputs = await page.evaluate(predictAll, {variant, images: samples.map(({image}) => image)});
    for (const [index, {probabilities}] of samples.entries()) {
      for (const [digit, probability] of probabilities.entries()) {
        expect(Math.abs(outputs[index]![digit]! - probability)).toBeLessThanOrEqual(1e-4);
      }
    }
  });
});

/** Runs in the page: compiles the model anew and predicts all samples in one call. */
async function predictAll({variant, images}: {variant: 'simd' | 'relaxed'; images: string[]}): Promise<number[][]> {
  const engine = await compile('/examples/inference-page/model/model.json', {variant, batchSize: 4});
  const pixels = images.flatMap(image => Array.from(atob(image), byte => byte.charCodeAt(0) / 255));
  const outputs = await engine.predict(Float32Array.from(pixels));
  engine.dispose();
  return images.map((_, index) => Array.from(outputs.subarray(index * 10, index * 10 + 10)));
}

import '@tensorflow/tfjs-backend-wasm';
import {resolve} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type {Browser, Page} from 'playwright-core';
import {build} from 'tsdown';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {inceptionV3} from '../../bench/inference/works/inception-v3.ts';
import type * as Inference from '../../src/inference/index.ts';
import {modelFolder} from '../../src/node/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {uniformValues} from '../../testing/seeded.ts';
import {pruneWeights} from '../../testing/weights.ts';
import configurations from '../../tsdown.config.ts';
import {chromiumInstalled, fullRun, nsfwModels, unmet} from '../_needs.ts';
import {relativeError, VARIANTS} from '../inference/_compare.ts';
import {openChromium} from './_chromium.ts';
import {type Site, serve} from './_server.ts';

/** What {@link PAGE} makes visible to functions that run in the page. */
declare const compile: typeof Inference.compile;

const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">{"imports": {"tfjs-model-optimization/inference": "/dist/inference/index.js"}}</script>
<script type="module">
  import {compile} from 'tfjs-model-optimization/inference';
  Object.assign(globalThis, {compile});
  document.body.dataset.exported = '';
</script>`;
const PIXELS = 299 * 299 * 3;
const root = resolve(import.meta.dirname, '../..');
const cache = resolve(root, '.cache/inception');
const needs = unmet(fullRun, chromiumInstalled, nsfwModels);

describe.skipIf(needs)(`InceptionV3 in a browser${needs}`, () => {
  let browser: Browser;
  let site: Site;
  let page: Page;

  checkLeaks();
  beforeAll(async () => {
    const library = [configurations].flat().find(({format}) => format === 'esm');
    await build({...library, config: false, dts: false, logLevel: 'error', outDir: resolve(cache, 'dist')});
    const folders = {dist: resolve(cache, 'dist'), models: resolve(cache, 'models')};
    site = await serve(PAGE, folders);
    ({browser, page} = await openChromium());
    await page.goto(site.url);
    await page.waitForSelector('[data-exported]', {state: 'attached'});
    await tf.setBackend('wasm');
  });

  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  test.for([0, 0.9])('with a fraction of %s zeros it computes what TensorFlow.js does', async zeros => {
    const model = await inceptionV3.build();
    pruneWeights(model, {type: 'element'}, zeros);
    const name = `zeros-${zeros}`;
    await model.save(modelFolder(resolve(cache, 'models', name)));
    const input = uniformValues(PIXELS, 5);
    const expected = tf.tidy(() => (model.predict(tf.tensor(input, [1, 299, 299, 3])) as tf.Tensor).dataSync());
    model.dispose();
    const pixels = Buffer.from(input.buffer).toString('base64');
    for (const variant of VARIANTS) {
      const actual = await page.evaluate(predictOne, {path: `/models/${name}/model.json`, variant, pixels});
      expect(relativeError(actual, expected), variant).toBeLessThanOrEqual(1e-4);
    }
  });
});

/** Runs in the page: loads and compiles a model and predicts for one input of 32-bit floats in base64. */
async function predictOne(task: {path: string; variant: 'simd' | 'relaxed'; pixels: string}): Promise<number[]> {
  const engine = await compile(task.path, {variant: task.variant});
  const bytes = Uint8Array.from(atob(task.pixels), character => character.charCodeAt(0));
  const output = await engine.predict(new Float32Array(bytes.buffer));
  engine.dispose();
  return Array.from(output);
}

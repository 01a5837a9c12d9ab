import '@tensorflow/tfjs-backend-wasm';
import {existsSync} from 'node:fs';
import {resolve} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {type Browser, chromium, type Page} from 'playwright-core';
import {build} from 'tsdown';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {installedVersion} from '../../bench/machine.ts';
import {inceptionV3} from '../../bench/works/inception-v3.ts';
import {uniformValues} from '../../bench/works/random.ts';
import {pruneWeights} from '../../bench/works/weights.ts';
import type * as Inference from '../../src/inference/index.ts';
import {modelFolder} from '../../src/node/index.ts';
import configurations from '../../tsdown.config.ts';
import {relativeError, VARIANTS} from '../inference/_compare.ts';
import {type Site, serve} from './_server.ts';

/** What {@link PAGE} makes visible to functions that run in the page. */
declare const compile: typeof Inference.compile;
declare function loadModel(url: URL): Promise<Inference.ModelArtifacts>;

const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">{"imports": {"tfjs-model-optimization/inference": "/dist/inference/index.js"}}</script>
<script type="module">
  import {compile} from 'tfjs-model-optimization/inference';
  import {loadModel} from '/examples/inference-page/model.js';
  Object.assign(globalThis, {compile, loadModel});
  document.body.dataset.exported = '';
</script>`;
const CHROMIUM = '/usr/bin/chromium';
const PIXELS = 299 * 299 * 3;
const root = resolve(import.meta.dirname, '../..');
const cache = resolve(root, '.cache/inception');
const installed = installedVersion('nsfwjs', new URL('../../bench/works/index.ts', import.meta.url).href) !== undefined;
const possible = existsSync(CHROMIUM) && installed;

if (process.env['TFMOT_TEST_FULL'] && !possible)
  console.warn(`InceptionV3 in a browser is skipped: it needs ${CHROMIUM} and npm ci --prefix bench.`);

describe.skipIf(!process.env['TFMOT_TEST_FULL'] || !possible)('InceptionV3 in a browser', {timeout: 300_000}, () => {
  let browser: Browser;
  let site: Site;
  let page: Page;

  beforeAll(async () => {
    const library = [configurations].flat().find(({format}) => format === 'esm');
    await build({...library, config: false, dts: false, logLevel: 'error', outDir: resolve(cache, 'dist')});
    const folders = {
      dist: resolve(cache, 'dist'),
      examples: resolve(root, 'examples'),
      models: resolve(cache, 'models'),
    };
    site = await serve(PAGE, folders);
    browser = await chromium.launch({executablePath: CHROMIUM, args: ['--no-sandbox']});
    page = await browser.newPage();
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
    expect(tf.memory().numTensors).toBe(0);
    const pixels = Buffer.from(input.buffer).toString('base64');
    for (const variant of VARIANTS) {
      const actual = await page.evaluate(predictOne, {path: `/models/${name}/model.json`, variant, pixels});
      expect(relativeError(actual, expected), variant).toBeLessThanOrEqual(1e-4);
    }
  });
});

/** Runs in the page: loads and compiles a model and predicts for one input of 32-bit floats in base64. */
async function predictOne(task: {path: string; variant: 'simd' | 'relaxed'; pixels: string}): Promise<number[]> {
  const engine = await compile(await loadModel(new URL(task.path, location.href)), {variant: task.variant});
  const bytes = Uint8Array.from(atob(task.pixels), character => character.charCodeAt(0));
  const output = await engine.predict(new Float32Array(bytes.buffer));
  engine.dispose();
  return Array.from(output);
}

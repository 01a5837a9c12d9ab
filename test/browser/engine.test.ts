import {resolve} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type {Browser, Page} from 'playwright-core';
import {compression} from 'tfjs-model-optimization';
import {build} from 'tsdown';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {SavableModel} from '../../src/artifacts/artifacts.ts';
import type * as Tfmot from '../../src/browser.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {seeded} from '../../testing/seeded.ts';
import configurations from '../../tsdown.config.ts';
import {chromiumInstalled, FULL, unmet} from '../_needs.ts';
import {inputsOf, relativeError, setWeights, VARIANTS} from '../inference/_compare.ts';
import {randomModel} from '../inference/_random.ts';
import {openChromium} from './_chromium.ts';
import {type Site, serve} from './_server.ts';

declare const tfmot: typeof Tfmot;

const NETWORKS = FULL ? 300 : 24;
const root = resolve(import.meta.dirname, '../..');
const built = resolve(root, '.cache/browser-engine');
const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<script src="/tfjs/tf.min.js"></script>
<script src="/built/tfmot.iife.js"></script>`;

const needs = unmet(chromiumInstalled);
describe.skipIf(needs)(`the engine in a browser${needs}`, () => {
  let browser: Browser;
  let site: Site;
  let page: Page;

  checkLeaks();
  beforeAll(async () => {
    const script = [configurations].flat().find(({format}) => format === 'iife');
    await build({...script, config: false, logLevel: 'error', outDir: built});
    site = await serve(PAGE, {built, tfjs: resolve(root, 'node_modules/@tensorflow/tfjs/dist')});
    ({browser, page} = await openChromium());
    await page.goto(site.url);
    await tf.setBackend('cpu');
  });

  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  test('runs random networks from .tfmz files as TensorFlow.js does, on both variants', async () => {
    for (let seed = 0; seed < NETWORKS; seed++) {
      const random = seeded(seed * 6007 + 3);
      const model = randomModel(random);
      setWeights(model, random, {sparsity: [0, 0.5, 0.9, 1][seed % 4]!, block: seed % 3 === 0});
      const inputs = inputsOf(model, 2, random);
      const file = Buffer.from(await compression.compress(model as unknown as SavableModel)).toString('base64');
      const expected = tf.tidy(() => [model.predict(inputs)].flat().map(output => output.dataSync()));
      for (const variant of VARIANTS) {
        const values = inputs.map(input => Array.from(input.dataSync()));
        const outputs = await page.evaluate(predictAll, {file, variant, values});
        outputs.forEach((output, i) => {
          expect(relativeError(output, expected[i]!), `network ${seed}, ${variant}`).toBeLessThanOrEqual(1e-4);
        });
      }
      tf.dispose(inputs);
      tf.disposeVariables();
    }
  });
});

/** Runs in the page: decodes and compiles a model, and predicts for all its inputs. */
async function predictAll(task: {file: string; variant: 'simd' | 'relaxed'; values: number[][]}): Promise<number[][]> {
  const bytes = Uint8Array.from(atob(task.file), character => character.charCodeAt(0));
  const engine = await tfmot.inference.compile(bytes, {variant: task.variant});
  const outputs = (await engine.predict(task.values.map(each => Float32Array.from(each)))) as Float32Array[];
  engine.dispose();
  return outputs.map(output => Array.from(output));
}

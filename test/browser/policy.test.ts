import {writeFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import type {Browser, Page} from 'playwright-core';
import {build} from 'tsdown';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type * as Inference from '../../src/inference/index.ts';
import configurations from '../../tsdown.config.ts';
import {chromiumInstalled, unmet} from '../_needs.ts';
import {openChromium} from './_chromium.ts';
import {type Site, serve} from './_server.ts';

/** What {@link SCRIPT} makes visible to functions that run in the page. */
declare const compile: typeof Inference.compile;

const SCRIPT = `import {compile} from './inference/index.js';
Object.assign(globalThis, {compile});
document.body.dataset.exported = '';`;
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/built/page.js"></script>`;
const built = resolve(import.meta.dirname, '../../.cache/policy');

const needs = unmet(chromiumInstalled);
describe.skipIf(needs)(`under a Content-Security-Policy${needs}`, () => {
  let browser: Browser;
  let page: Page;
  const sites: Site[] = [];

  beforeAll(async () => {
    const library = [configurations].flat().find(({format}) => format === 'esm');
    await build({...library, config: false, dts: false, logLevel: 'error', outDir: built});
    await writeFile(resolve(built, 'page.js'), SCRIPT);
    ({browser, page} = await openChromium());
  });
  afterAll(async () => {
    await browser?.close();
    for (const site of sites) await site.close();
  });

  async function open(policy: string): Promise<void> {
    const site = await serve(PAGE, {built}, policy);
    sites.push(site);
    await page.goto(site.url);
    await page.waitForSelector('[data-exported]', {state: 'attached'});
  }

  test("with 'wasm-unsafe-eval' the engine runs", async () => {
    await open("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:");
    expect(await page.evaluate(predictOne)).toEqual({values: [7]});
  });

  test('without it the engine says what is missing', async () => {
    await open("default-src 'self'; script-src 'self'; img-src data:");
    const {code, message} = await page.evaluate(predictOne);
    expect(code).toBe('missing-webassembly');
    expect(message).toContain("Add 'wasm-unsafe-eval' to script-src in the page's Content-Security-Policy.");
  });
});

/** Runs in the page: what a model of one dense layer answers, or the error. */
async function predictOne(): Promise<{values?: number[]; code?: string; message?: string}> {
  const config = {name: 'd', units: 1, batch_input_shape: [null, 2], activation: 'linear', use_bias: false};
  try {
    const engine = await compile({
      modelTopology: {class_name: 'Sequential', config: {name: 's', layers: [{class_name: 'Dense', config}]}},
      weightSpecs: [{name: 'd/kernel', shape: [2, 1], dtype: 'float32'}],
      weightData: Float32Array.of(3, 2).buffer,
    });
    const values = (await engine.predict(Float32Array.of(1, 2))) as Float32Array;
    engine.dispose();
    return {values: [...values]};
  } catch (error) {
    const {code, message} = error as {code?: string; message: string};
    return {message, ...(code === undefined ? {} : {code})};
  }
}

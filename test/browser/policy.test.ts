import {existsSync} from 'node:fs';
import {mkdir, writeFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import {type Browser, chromium} from 'playwright-core';
import {build} from 'tsdown';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import configurations from '../../tsdown.config.ts';
import {layer, sequentialArtifacts} from '../inference/_artifacts.ts';
import {serve} from './_server.ts';

const CHROMIUM = '/usr/bin/chromium';
const root = resolve(import.meta.dirname, '../..');
const built = resolve(root, '.cache/policy');
const PAGE = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page/page.js"></script>';
/** Compiles the model beside it, and says in the title what came of it. */
const SCRIPT = `
  import {compile} from '/built/index.js';
  try {
    const engine = await compile('/page/model.json');
    document.title = [...(await engine.predict(Float32Array.of(-1, 2)))].join();
  } catch (error) {
    document.title = error.code + ': ' + error.message;
  }
`;

describe.skipIf(!existsSync(CHROMIUM))('a page with a policy', {timeout: 120_000}, () => {
  let browser: Browser;

  beforeAll(async () => {
    const library = [configurations].flat().find(({format}) => format === 'esm');
    const entry = {index: resolve(root, 'src/inference/index.ts')};
    await build({
      ...{...library, entry, unbundle: false, config: false, dts: false},
      ...{logLevel: 'error', outDir: resolve(built, 'library')},
    });
    await mkdir(resolve(built, 'page'), {recursive: true});
    const {weightData: _, ...model} = sequentialArtifacts([layer('ReLU', 'r', {batch_input_shape: [null, 2]})]);
    await writeFile(resolve(built, 'page/model.json'), JSON.stringify({...model, weightsManifest: []}));
    await writeFile(resolve(built, 'page/page.js'), SCRIPT);
    browser = await chromium.launch({executablePath: CHROMIUM, args: ['--no-sandbox']});
  });
  afterAll(async () => {
    await browser?.close();
  });

  test.each([
    [
      "script-src 'self'",
      /^missing-webassembly: WebAssembly must be allowed to compile, .* needs 'wasm-unsafe-eval' in its script-src/,
    ],
    ["script-src 'self' 'wasm-unsafe-eval'", /^0,2$/],
  ])('%s', async (policy, title) => {
    const folders = {built: resolve(built, 'library'), page: resolve(built, 'page')};
    const site = await serve(PAGE, folders, {'content-security-policy': policy});
    try {
      const page = await browser.newPage();
      await page.goto(site.url);
      await page.waitForFunction(() => document.title !== '', null, {timeout: 30_000});
      expect(await page.title()).toMatch(title);
    } finally {
      await site.close();
    }
  });
});

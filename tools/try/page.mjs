// The README's snippets in a page that Vite bundles or serves, in Chromium.
import {readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {extname, join} from 'node:path';
import {chromium} from 'playwright-core';
import {writeSnippets} from '../../scripts/_readme.mjs';

/** What a strict site allows; the engine needs 'wasm-unsafe-eval', and nothing else. */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";
const TYPES = {'.html': 'text/html', '.js': 'text/javascript'};
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.mjs"></script>`;

/** @param {'build' | 'dev'} how A bundle, served under the policy; or Vite's own server, which injects scripts. */
export async function inPage(project, how) {
  const vite = await import('vite');
  // The snippet for Node stays out: in a page, TensorFlow.js has WebGL.
  writeSnippets(project, code => !code.includes('wasm-training'));
  writeFileSync(join(project, 'index.html'), PAGE);
  writeFileSync(join(project, 'page.mjs'), "await import('./main.mjs');\ndocument.body.dataset.done = '';\n");
  const {url, close} = await (how === 'build' ? built : served)(vite, project);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-3d-apis'],
  });
  try {
    const page = await browser.newPage();
    page.on('console', message => console.log(message.text()));
    const failed = new Promise((_, reject) => page.on('pageerror', reject));
    await page.goto(url);
    await Promise.race([failed, page.waitForSelector('[data-done]', {state: 'attached', timeout: 240_000})]);
  } finally {
    await browser.close();
    await close();
    writeSnippets(project);
  }
}

async function built(vite, project) {
  await vite.build({root: project, logLevel: 'warn', build: {target: 'es2022', chunkSizeWarningLimit: 5000}});
  const server = createServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : request.url;
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
    try {
      response.end(readFileSync(join(project, 'dist', path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close()};
}

async function served(vite, project) {
  const server = await vite.createServer({root: project, logLevel: 'warn', server: {host: '127.0.0.1'}});
  await server.listen();
  return {url: server.resolvedUrls.local[0], close: () => server.close()};
}

// `npm run try`: the packed library in every place where people run it. Each place runs the README's snippets word for
// word, or says why not. `npm run try -- deno vite` tries those whose names start so; `npm install --prefix tools/try`
// brings the runtimes.
import {execFileSync} from 'node:child_process';
import {existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {inEmptyFolder, install, pack, root} from '../../scripts/_pack.mjs';
import {packagesToInstall, writeSnippets} from '../../scripts/_readme.mjs';
import {inPage} from './page.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const brought = path => join(here, 'node_modules', path);

/** Every entry by `require`, and the engine at work. */
const REQUIRE = `
const entries = ['', '/compression', '/inference', '/node', '/wasm-training'];
const [whole, compression, inference] = entries.map(entry => require('tfjs-model-optimization' + entry));
const modelTopology = {class_name: 'Sequential', config: {name: 's', layers: [
  {class_name: 'Dense', config: {name: 'd', units: 1, batch_input_shape: [null, 2], activation: 'linear', use_bias: false}},
]}};
const weightSpecs = [{name: 'd/kernel', shape: [2, 1], dtype: 'float32'}];
(async () => {
  const bytes = await compression.compress({modelTopology, weightSpecs, weightData: Float32Array.of(3, 2).buffer});
  const engine = await inference.compile(bytes);
  const [seven] = await engine.predict(Float32Array.of(1, 2));
  if (seven !== 7 || typeof whole.sparsity.pruneLowMagnitude !== 'function') throw new Error('got ' + seven);
  console.log('required and ran');
})();
`;

/** Each: what to run in the project, or a function; \`needs\` is a file that must be there. */
const PLACES = [
  ...[20, 22, 24].flatMap(major => [
    {name: `node-${major}`, needs: brought(`node-${major}/bin/node`), args: ['main.mjs']},
    {name: `node-${major} require`, needs: brought(`node-${major}/bin/node`), args: ['require.cjs']},
  ]),
  {name: 'deno', needs: brought('@deno/linux-x64-glibc/deno'), args: ['run', '--allow-all', 'main.mjs']},
  {name: 'bun', needs: brought('@oven/bun-linux-x64/bin/bun'), args: ['main.mjs']},
  {name: 'vite build under a CSP', needs: brought('vite/package.json'), run: project => inPage(project, 'build')},
  {name: 'vite dev', needs: brought('vite/package.json'), run: project => inPage(project, 'dev')},
  {name: 'git', needs: join(root, '.git'), run: fromGit},
];

const asked = process.argv.slice(2);
const chosen = PLACES.filter(({name}) => asked.length === 0 || asked.some(prefix => name.startsWith(prefix)));
const outcomes = [];
await inEmptyFolder(async folder => {
  const project = join(folder, 'project');
  install(project, packagesToInstall(pack(folder)));
  writeSnippets(project);
  writeFileSync(join(project, 'require.cjs'), REQUIRE);
  for (const {name, needs, args, run} of chosen) {
    console.log(`\n--- ${name}`);
    const started = performance.now();
    let outcome = 'works';
    try {
      if (!existsSync(needs)) outcome = `skipped: no ${needs}`;
      else if (run) await run(project, folder);
      else execFileSync(needs, args, {cwd: project, stdio: ['ignore', 'inherit', 'inherit']});
    } catch (error) {
      outcome = `FAILS: ${error.message}`;
      process.exitCode = 1;
    }
    outcomes.push(`${name.padEnd(24)}${outcome} (${((performance.now() - started) / 1000).toFixed(0)} s)`);
  }
});
console.log(`\n${outcomes.join('\n')}`);

/** What is committed, installed from git: npm fetches, builds and packs it. */
function fromGit(_, folder) {
  const project = join(folder, 'from-git');
  install(project, [`git+file://${root}`]);
  execFileSync('npx', ['tfmot', '--help'], {cwd: project});
  const program = "import {compile} from 'tfjs-model-optimization/inference'; console.log(typeof compile);";
  execFileSync(process.execPath, ['--input-type=module', '-e', program], {cwd: project, stdio: 'inherit'});
}

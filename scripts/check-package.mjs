// Judges the library as npm would publish it: publint and attw read the tarball; then it is installed with nothing beside
// it, weighed, and the entries that need no TensorFlow.js are imported and compiled there with all checks on.
import {execFileSync} from 'node:child_process';
import {lstatSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {inEmptyFolder, install, pack, root} from './_pack.mjs';

/** What the library may take on disk with all its dependencies, in bytes. */
const LARGEST = 7_500_000;

/** The entries that work without TensorFlow.js, with a use of each. */
const LONE_ENTRIES = {
  compression: 'export const both = [tfmot.compress, tfmot.decompress, tfmot.compressed];',
  formats: 'export const weights = (file: Uint8Array) => tfmot.open(file).then(model => model.weights);',
  inference:
    'export const engine = (file: Uint8Array) => tfmot.compile(file).then(made => made.predict(new Float32Array(2)));',
  node: 'export const folder = tfmot.modelFolder;',
  oneshot: 'export const prune = tfmot.pruneOneShot;',
  report: 'export const draw = [tfmot.report, tfmot.renderHtml];',
  tflite: 'export const file = (model: Uint8Array) => tfmot.convert(model, {batchSize: 2});',
};

/** How TypeScript resolves packages for bundlers, and for Node. */
const RESOLUTIONS = [
  {module: 'esnext', moduleResolution: 'bundler'},
  {module: 'nodenext', moduleResolution: 'nodenext'},
];

const run = (command, args, cwd = root) => execFileSync(command, args, {cwd, stdio: ['ignore', 'inherit', 'inherit']});

await inEmptyFolder(async folder => {
  const tarball = pack(folder);
  run('npx', ['publint', 'run', '--strict', tarball]);
  run('npx', ['attw', '--profile', 'esm-only', '--no-emoji', tarball]);

  const project = join(folder, 'project');
  install(project, [tarball]);
  const bytes = bytesOnDisk(join(project, 'node_modules'));
  console.log(`Installed with its dependencies: ${(bytes / 1e6).toFixed(2)} MB of ${LARGEST / 1e6} MB`);
  if (bytes > LARGEST) throw new Error(`The library must take at most ${LARGEST} bytes on disk, but takes ${bytes}.`);

  for (const name of Object.keys(LONE_ENTRIES)) {
    run(process.execPath, ['--input-type=module', '-e', `import 'tfjs-model-optimization/${name}';`], project);
  }
  execFileSync('npx', ['tfmot', '--help'], {cwd: project});
  for (const [name, use] of Object.entries(LONE_ENTRIES)) {
    writeFileSync(join(project, `${name}.ts`), `import * as tfmot from 'tfjs-model-optimization/${name}';\n${use}\n`);
  }
  for (const resolution of RESOLUTIONS) {
    const compilerOptions = {
      ...resolution,
      noEmit: true,
      strict: true,
      skipLibCheck: false,
      target: 'es2022',
      types: [],
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({compilerOptions, include: ['*.ts']}));
    run(process.execPath, [join(root, 'node_modules/typescript/lib/tsc.js'), '-p', project]);
  }
  console.log(`Without TensorFlow.js, with skipLibCheck off: ${Object.keys(LONE_ENTRIES).join(', ')} compile.`);
});

/** What `du` counts: the blocks of all files and folders. */
function bytesOnDisk(path) {
  const {blocks, size} = lstatSync(path);
  const own = blocks === undefined ? size : blocks * 512;
  const children = lstatSync(path).isDirectory() ? readdirSync(path) : [];
  return children.reduce((sum, name) => sum + bytesOnDisk(join(path, name)), own);
}

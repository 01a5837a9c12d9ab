import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, relative, resolve} from 'node:path';
import {expect, test} from 'vitest';

/**
 * The folders of `src/`, innermost first. A folder may import, as values or as types, itself and what stands before it.
 */
const RINGS: readonly string[] = [
  'errors',
  'show',
  'fetch-bytes',
  'option-names',
  'pace',
  'masks',
  'quantizers',
  'graph',
  'artifacts',
  'formats',
  'inference',
  'oneshot',
  'search',
  'tflite',
  'compression',
  'report',
  'live',
  'sparsity',
  'clustering',
  'quantization',
  'wasm-training',
  'node',
  'cli',
];
/** What others import the package by: it may import every folder. */
const FACES = ['browser', 'index'];
/** Folders that know neither TensorFlow.js nor Node: all up to `report`. */
const PURE = RINGS.slice(0, RINGS.indexOf('report') + 1);
/** Packages that a pure folder may import. */
const PURE_PACKAGES: readonly string[] = ['flatbuffers', 'fflate', '@observablehq/plot', 'linkedom'];

const src = resolve(import.meta.dirname, '../../src');
const files = (readdirSync(src, {recursive: true}) as string[]).filter(
  name =>
    name.endsWith('.ts') && !name.endsWith('.test.ts') && !/(^|\/)_/.test(name) && !name.endsWith('.generated.ts'),
);
const imports = files.flatMap(file =>
  [
    ...readFileSync(join(src, file), 'utf8').matchAll(
      /^(?:import|export)\s[^;]*?from\s+'([^']+)'|\bimport\('([^']+)'\)/gms,
    ),
  ].map(match => {
    const specifier = (match[1] ?? match[2])!;
    const target = specifier.startsWith('.') ? relative(src, resolve(src, dirname(file), specifier)) : null;
    return {file, specifier, target};
  }),
);
const folderOf = (file: string): string => (file.includes('/') ? file.split('/')[0]! : file.replace(/\.ts$/, ''));

test('every folder has a ring', () => {
  const strangers = new Set(files.map(folderOf).filter(folder => ![...FACES, ...RINGS].includes(folder)));
  expect([...strangers]).toEqual([]);
});

test('imports point inward, those of types too', () => {
  const wrong = imports.filter(({file, target}) => {
    if (target === null || FACES.includes(folderOf(file))) return false;
    return RINGS.indexOf(folderOf(target)) > RINGS.indexOf(folderOf(file));
  });
  expect(wrong.map(({file, target}) => `${file} -> ${target}`)).toEqual([]);
});

test('no file imports itself by way of others', () => {
  expect(circles()).toEqual([]);
});

test('the pure folders know neither TensorFlow.js nor Node', () => {
  const wrong = imports.filter(
    ({file, specifier, target}) =>
      PURE.includes(folderOf(file)) && target === null && !PURE_PACKAGES.includes(specifier),
  );
  expect(wrong).toEqual([]);
});

test('TensorFlow.js is imported from package roots alone', () => {
  const wrong = imports.filter(({specifier}) => /^@tensorflow\/[^/]+\/./.test(specifier));
  expect(wrong).toEqual([]);
});

test('no source file is longer than 400 lines', () => {
  const long = files.filter(file => readFileSync(join(src, file), 'utf8').split('\n').length > 401);
  expect(long).toEqual([]);
});

/** The circles of imports, each as the files along it; found by walking the imports in depth. */
function circles(): string[] {
  const targets = new Map(files.map(file => [file, [] as string[]]));
  for (const {file, target} of imports) if (target !== null) targets.get(file)!.push(target);
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file].join(' -> '));
    if (start >= 0 || done.has(file)) return;
    for (const target of targets.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return found;
}

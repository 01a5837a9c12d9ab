import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, relative, resolve} from 'node:path';
import {expect, test} from 'vitest';

/** The rings, innermost first. A folder may import folders of lower rings, and its own files. */
const RINGS: readonly (readonly string[])[] = [
  ['errors'],
  ['weights'],
  ['graph'],
  ['quantization', 'tflite', 'inference', 'compression'],
  ['models', 'sparsity', 'wasm-training'],
  ['report', 'node'],
  ['cli'],
];
/** Folders that may import a neighbour of their own ring. */
const NEIGHBOURS: Readonly<Record<string, readonly string[]>> = {
  sparsity: ['models'],
  compression: ['quantization'],
  inference: ['compression'],
  report: ['node'],
};
/** What others import the package by: it may import every folder. */
const FACES = ['browser', 'index'];
const PURE = ['errors', 'weights', 'graph', 'compression', 'tflite', 'inference', 'quantization'];

const src = resolve(import.meta.dirname, '../../src');
const files = (readdirSync(src, {recursive: true}) as string[]).filter(
  name => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('.generated.ts'),
);
const imports = files.flatMap(file =>
  [
    ...readFileSync(join(src, file), 'utf8').matchAll(
      /^(?:import|export)\s(?!type )[^;]*?from\s+'([^']+)'|\bimport\('([^']+)'\)/gms,
    ),
  ].map(match => ({file, specifier: (match[1] ?? match[2])!})),
);
const folderOf = (file: string): string => (file.includes('/') ? file.split('/')[0]! : file.replace(/\.ts$/, ''));
const ringOf = (folder: string): number => RINGS.findIndex(ring => ring.includes(folder));

test('every folder has a ring', () => {
  const strangers = [...new Set(files.map(folderOf))].filter(folder => !FACES.includes(folder) && ringOf(folder) < 0);
  expect(strangers).toEqual([]);
});

test('imports point inward', () => {
  const wrong = imports
    .filter(({file, specifier}) => specifier.startsWith('.') && !FACES.includes(folderOf(file)))
    .map(({file, specifier}) => ({
      from: folderOf(file),
      to: folderOf(relative(src, resolve(src, dirname(file), specifier))),
      file,
    }))
    .filter(({from, to}) => from !== to && ringOf(to) >= ringOf(from) && !NEIGHBOURS[from]?.includes(to));
  expect(wrong).toEqual([]);
});

test('the pure folders know neither TensorFlow.js nor Node', () => {
  const wrong = imports.filter(
    ({file, specifier}) => PURE.includes(folderOf(file)) && !specifier.startsWith('.') && specifier !== 'flatbuffers',
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

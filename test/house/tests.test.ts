import {readdirSync, readFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {expect, test} from 'vitest';

/** Tests that count tensors themselves: what TensorFlow.js cannot run leaves some, which no count is known for. */
const COUNT_THEMSELVES: readonly string[] = ['test/wasm-training/layers.test.ts'];
/**
 * Where numbers come from at random: the one generator, and one whose weights give the committed sizes of the codec.
 */
const GENERATORS: readonly string[] = ['bench/codec/measure.ts', 'testing/seeded.ts'];

const root = resolve(import.meta.dirname, '../..');
const files = ['bench', 'src', 'test', 'testing'].flatMap(folder =>
  (readdirSync(join(root, folder), {recursive: true}) as string[])
    .filter(name => name.endsWith('.ts') && !name.includes('node_modules/'))
    .map(name => ({name: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8')})),
);
const named = (chosen: typeof files): string[] => chosen.map(({name}) => name).sort();

test('every test file that makes tensors checks for leaks', () => {
  const makes = files.filter(
    ({name, text}) =>
      name.endsWith('.test.ts') && /^import (?!type\b)[^;]*from '@tensorflow\/tfjs(-core|-layers)?';/m.test(text),
  );
  expect(makes.length).toBeGreaterThan(20);
  expect(named(makes.filter(({text}) => !text.includes('checkLeaks()')))).toEqual(COUNT_THEMSELVES);
});

test('tests and benches have one generator', () => {
  const own = files.filter(
    ({name, text}) =>
      (!name.startsWith('src/') || /\/_[^/]*$|\.test\.ts$/.test(name)) &&
      name !== 'test/house/tests.test.ts' &&
      // Products and shifts that mix the bits of a state, and numbers without a seed.
      /Math\.random|Math\.imul\(\w+ \^|Math\.imul\(state|\^= [a-z]\w* <</.test(text),
  );
  expect(named(own)).toEqual(GENERATORS);
});

test('comments keep to 120 columns, as code does', () => {
  const written = files.filter(({name}) => !name.endsWith('.generated.ts'));
  const wide = written.flatMap(({name, text}) =>
    text
      .split('\n')
      .filter(line => line.length > 120 && /^\s*(\/\/|\/?\*)/.test(line) && !/@example|^\s*\* const /.test(line))
      .map(line => `${name}: ${line}`),
  );
  expect(wide).toEqual([]);
});

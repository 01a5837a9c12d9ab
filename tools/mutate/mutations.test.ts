import {expect, test} from 'vitest';
import {instrumented} from './instrument.ts';
import {mutationsOf} from './mutations.ts';

/** The source with each of its mutations, one at a time. */
function mutated(source: string): readonly string[] {
  return mutationsOf(source).map(({from, to, text}) => source.slice(0, from) + text + source.slice(to));
}

test.each<[string, readonly string[]]>([
  ['a < b;', ['', '(a) <= (b);', '(a) >= (b);']],
  ['x = y && z;', ['', 'x = (y) || (z);']],
  ['x = y ?? z;', ['', 'x = y;']],
  ['let i = 0;', ['let i = 1;']],
  ['let i = 7;', ['let i = 8;', 'let i = 6;']],
  ['let i = -x;', ['let i = x;']],
  ['let i = true;', ['let i = false;']],
  ['while (go()) {}', ['while (false) {}']],
  ['x += 2;', ['', 'x -= (2);', 'x += 3;', 'x += 1;']],
  ['let m = Math.max(a, b);', ['let m = Math.min(a, b);']],
  ['let s = list.sort(up);', ['let s = list;']],
  ['if (a) b = c;', ['if (true) b = c;', 'if (false) b = c;', 'if (!(a)) b = c;', 'if (a) ']],
  ['function f(): boolean { return g; }', ['function f(): boolean { return !(g); }']],
  ['function f(): number[] { return g; }', ['function f(): number[] { return []; }']],
  ['function f(): A | undefined { return g; }', ['function f(): A | undefined { return undefined; }']],
  // Left alone: types, strings, messages, imports, names of properties.
  ['type A = 1 | 2;', []],
  ["let s = 'a' + b;", []],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
  ['let s = `${a + b}`;', []],
  ['throw new TfmotError(code, a + b);', ['']],
  ["import {a} from 'b';", []],
  ['let o = {1: a};', []],
])('%s', (source, expected) => {
  expect(mutated(source)).toEqual(expected);
});

const SOURCE = `
function f(a: number, b: number): number {
  if (a < 3 && b > 2) return a - b;
  else if (a === 0) throw new Error('none');
  let sum = 0;
  for (let i = 0; i < b; i++) sum += i % 2 === 0 ? a : 1;
  return sum;
}
`;

test('an instrumented file does what each mutant does when it is awake, and as before when none is', () => {
  const run = (source: string, mutant?: (id: number) => boolean): string => {
    const body = source.replaceAll(/: number\b/g, '').replaceAll('globalThis.mutant', 'mutant');
    const f = new Function('mutant', `${body}; return f;`)(mutant) as (a: number, b: number) => number;
    const said: string[] = [];
    for (const [a, b] of [
      [0, 0],
      [1, 2],
      [2, 3],
      [3, 1],
      [4, 5],
    ] as const) {
      try {
        said.push(String(f(a, b)));
      } catch (error) {
        said.push(String(error));
      }
    }
    return said.join();
  };
  const switched = mutationsOf(SOURCE).map((mutation, i) => ({id: i + 1, mutation}));
  const all = instrumented(SOURCE, switched);
  expect(switched.length).toBeGreaterThan(25);
  expect(run(all)).toBe(run(SOURCE));
  const alone = switched.map(
    ({mutation: {from, to, text}}) => SOURCE.slice(0, from) + (text || ';') + SOURCE.slice(to),
  );
  expect(switched.map(({id}) => run(all, asked => asked === id))).toEqual(alone.map(source => run(source)));
  expect(alone.filter(source => run(source) !== run(SOURCE)).length).toBeGreaterThan(20);
});

import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {Kernels} from '../kernels/index.ts';
import {PARAMETERS} from '../kernels/index.ts';
import type {Region} from '../value.ts';
import {emitterOf} from './emitter.ts';
import {encode} from './encode.ts';
import type {Instruction, Operand} from './instruction.ts';
import {after, along, at, EXAMPLES, kernelsOf} from './instruction.ts';
import {runStep} from './run.ts';

type Seen = [kernel: string, ...numbers: number[]];

/** Kernels that note how they are called. */
function recorder(): {kernels: Kernels; seen: Seen[]} {
  const seen: Seen[] = [];
  const kernels = Object.fromEntries(
    Object.keys(PARAMETERS).map(name => [name, (...numbers: number[]) => void seen.push([name, ...numbers])]),
  );
  return {kernels: kernels as unknown as Kernels, seen};
}

/** What instructions should call, taken literally. */
function expected(instructions: readonly Instruction[], counters: readonly number[]): Seen[] {
  return instructions.flatMap((instruction): Seen[] => {
    if ('kernel' in instruction) {
      const {kernel, operands} = instruction;
      return [[kernel, ...operands.map(operand => numberOf(operand, counters))]];
    }
    const times = instruction.times + instruction.perExample * counters[EXAMPLES]!;
    return Array.from({length: times}, (_, turn) => expected(instruction.body, [...counters, turn])).flat();
  });
}

function numberOf(operand: Operand, counters: readonly number[]): number {
  if (typeof operand === 'number') return operand;
  const start = (operand.region?.offset ?? 0) + operand.base;
  return operand.terms.reduce((sum, [counter, factor]) => sum + counters[counter]! * factor, start);
}

const region = (offset: number): Region => ({bytes: 64, offset, first: 0, last: 0});
const number = fc.integer({min: -1000, max: 1000});

const names = fc.constantFrom(...(Object.keys(PARAMETERS) as (keyof Kernels)[]));

/** Programs of calls and loops; operands count by the loops around them. */
const programs = fc.gen().map(gen => {
  const build = (depth: number): Instruction[] =>
    Array.from({length: gen(fc.integer, {min: 0, max: 3})}, (): Instruction => {
      if (depth < 3 && gen(fc.boolean)) {
        const [times, perExample] = [gen(fc.integer, {min: 0, max: 3}), gen(fc.integer, {min: 0, max: 2})];
        return {times, perExample, body: build(depth + 1)};
      }
      const kernel = gen(() => names);
      const operands = [...PARAMETERS[kernel]].map((letter): Operand => {
        if (letter === 'f') return Math.fround(gen(fc.float, {noNaN: true}));
        const counter = gen(fc.integer, {min: 0, max: depth});
        const place = at(
          region(gen(fc.integer, {min: 0, max: 1 << 20}) * 64),
          gen(() => number),
        );
        return gen(fc.boolean)
          ? gen(() => number)
          : along(
              place,
              counter,
              gen(() => number),
            );
      });
      return {kernel, operands};
    });
  return [build(0), build(0)];
});

test('words run as the instructions they are of say, for any number of examples', () => {
  fc.assert(
    fc.property(programs, fc.integer({min: 0, max: 3}), (steps, examples) => {
      const program = encode(steps);
      steps.forEach((instructions, step) => {
        const {kernels, seen} = recorder();
        runStep(program, step, kernels, examples);
        expect(seen).toEqual(expected(instructions, [examples]));
      });
    }),
  );
});

test('a program runs the same way twice', () => {
  const instructions: Instruction[] = [];
  const emitter = emitterOf(4, () => instructions);
  emitter.each(2, i => emitter.call('fill', along(at(region(64)), i, 16), emitter.perExample(3), 0.5));
  const program = encode([instructions]);
  const runs = [3, 1, 3].map(examples => {
    const {kernels, seen} = recorder();
    runStep(program, 0, kernels, examples);
    return seen;
  });
  expect(runs[0]).toEqual([0, 1, 2, 3, 4, 5].map(i => ['fill', 64 + 16 * i, 9, 0.5]));
  expect(runs[1]).toEqual(runs[0]!.slice(0, 2).map(([name, y]) => [name, y, 3, 0.5]));
  expect(runs[2]).toEqual(runs[0]);
});

test('for one example at a time, loops of one turn are left out and counts are plain numbers', () => {
  const instructions: Instruction[] = [];
  const emitter = emitterOf(1, () => instructions);
  const x = at(region(128));
  emitter.each(1, i => {
    emitter.loop(1, row =>
      emitter.call('fill', after(along(along(x, i, 4096), row, 512), 8), emitter.perExample(7), 0),
    );
  });
  emitter.loop(0, () => emitter.call('fill', x, 1, 0));
  emitter.loop(2, () => {});
  expect(instructions[0]).toEqual({kernel: 'fill', operands: [{region: region(128), base: 8, terms: []}, 7, 0]});
  expect(instructions).toHaveLength(2);
  expect(kernelsOf(instructions)).toEqual(['fill']);
});

test('addresses beyond 2^31 wrap as those of WebAssembly do', () => {
  const {kernels, seen} = recorder();
  const instructions: Instruction[] = [];
  const emitter = emitterOf(2, () => instructions);
  emitter.each(1, i => emitter.call('fill', along(at(region(2 ** 31)), i, 2 ** 30), 1, 0));
  runStep(encode([instructions]), 0, kernels, 2);
  expect(seen.map(([, y]) => (y as number) >>> 0)).toEqual([2 ** 31, 2 ** 31 + 2 ** 30]);
});

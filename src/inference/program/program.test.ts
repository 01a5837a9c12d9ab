import fc from 'fast-check';
import {expect, test} from 'vitest';
import {BINARY, loadKernels, PARAMETERS, RESERVED_BYTES} from '../kernels/index.ts';
import type {Region} from '../value.ts';
import {emitterOf} from './emitter.ts';
import {encode} from './encode.ts';
import type {Instruction, Linear, Operand} from './instruction.ts';
import {after, along, at, EXAMPLES, kernelsOf} from './instruction.ts';
import {runSteps} from './run.ts';

type Seen = [kernel: string, ...numbers: number[]];

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

/** Where programs of the test lie, and what they write to: a log of floats that grows by one a call. */
const PROGRAM = RESERVED_BYTES;
const LOG = 2 * RESERVED_BYTES;
const END = LOG + 8192;

/**
 * Programs of calls that note their operands: each fills one float at a place that the loops around decide, and adds up
 * to what was there, so that calls left out, doubled or misplaced are seen.
 */
const programs = fc.gen().map(gen => {
  const integer = (min: number, max: number): number => gen(fc.integer, {min, max});
  const place = (depth: number): Linear => {
    const terms = Array.from({length: integer(0, 3)}, () => [integer(0, depth), integer(0, 40) * 4] as const);
    return {region: region(LOG + integer(0, 20) * 64), base: integer(0, 100) * 4, terms};
  };
  const build = (depth: number): Instruction[] =>
    Array.from({length: integer(0, 3)}, (): Instruction => {
      if (depth < 3 && gen(fc.boolean))
        return {times: integer(0, 3), perExample: integer(0, 2), body: build(depth + 1)};
      const y = place(depth);
      if (gen(fc.boolean)) return {kernel: 'binary', operands: [BINARY.add, y, place(depth), y, 1, 1, 0, 0, 0, 0]};
      return {kernel: 'fill', operands: [y, 1, Math.fround(gen(fc.double, {min: -9, max: 9, noNaN: true}))]};
    });
  return [build(0), build(0)];
});

/** The same as `fill` and `binary` of one float do. */
function simulate(log: Float32Array, calls: readonly Seen[]): void {
  const at = (address: number): number => (address - LOG) / 4;
  for (const [kernel, ...numbers] of calls) {
    if (kernel === 'fill') log[at(numbers[0]!)] = numbers[2]!;
    else log[at(numbers[3]!)] = log[at(numbers[1]!)]! + log[at(numbers[2]!)]!;
  }
}

/** The first number that differs, or null. */
function difference(actual: ArrayLike<number>, should: ArrayLike<number>): readonly number[] | null {
  for (let i = 0; i < should.length; i++) {
    if (!Object.is(actual[i], should[i])) return [i, actual[i]!, should[i]!];
  }
  return null;
}

test('words run as the instructions they are of say, for any number of examples', async () => {
  const memory = new WebAssembly.Memory({initial: Math.ceil(END / 65536)});
  const kernels = await loadKernels(memory, 'plain');
  fc.assert(
    fc.property(programs, fc.integer({min: 0, max: 3}), (steps, examples) => {
      const program = encode(steps);
      new Int32Array(memory.buffer, PROGRAM).set(program.words);
      const log = new Float32Array(memory.buffer, LOG, (END - LOG) / 4).fill(1);
      const should = log.slice();
      steps.forEach((instructions, step) => {
        runSteps(kernels, program, PROGRAM, [step, step + 1], examples);
        simulate(should, expected(instructions, [examples]));
        expect(difference(log, should)).toBeNull();
      });
      // The instructions stay as they are, so that they can run again.
      const instructions = program.counters / 4;
      const kept = new Int32Array(memory.buffer, PROGRAM, instructions);
      expect(difference(kept, program.words.subarray(0, instructions))).toBeNull();
      runSteps(kernels, program, PROGRAM, [0, steps.length], examples);
      for (const instructions of steps) simulate(should, expected(instructions, [examples]));
      expect(difference(log, should)).toBeNull();
    }),
  );
});

test('a code that is no kernel stops the program', async () => {
  const memory = new WebAssembly.Memory({initial: 2});
  const kernels = await loadKernels(memory, 'plain');
  new Int32Array(memory.buffer, PROGRAM, 3)[0] = Object.keys(PARAMETERS).length + 1;
  expect(() => kernels.run(PROGRAM, PROGRAM + 12, 1, PROGRAM + 128, PROGRAM + 160)).toThrow('unreachable');
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

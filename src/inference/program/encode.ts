import {CALL, LOOP, PARAMETERS, TERM} from '../kernels/index.ts';
import type {Call, Instruction, Loop, Operand} from './instruction.ts';

/**
 * A program as 32-bit words, as the kernels' `run` reads them. A call is its code, how many arguments and terms it has,
 * the arguments, floats as their bits, and the terms: each adds `factor * counter` to one argument. A loop has code 0,
 * the words of its body, its turns, those for each example, and then its body.
 */
export interface Program {
  /** The instructions, room for the counters, room for the arguments of one call. */
  readonly words: Int32Array<ArrayBuffer>;
  /** Bytes to where the instructions of each step begin, and to where the last end. */
  readonly steps: readonly number[];
  /** Bytes to the two rooms. */
  readonly counters: number;
  readonly frame: number;
}

const NAMES: readonly string[] = Object.keys(PARAMETERS);
/** The most arguments of a kernel. */
const MOST_ARGUMENTS: number = Math.max(...Object.values(PARAMETERS).map(letters => letters.length));

/** The words of each step's instructions, of the same number wherever the regions that they name have their places. */
export function encode(steps: readonly (readonly Instruction[])[]): Program {
  const words: number[] = [];
  const starts = steps.map(instructions => {
    const start = words.length;
    for (const instruction of instructions) append(words, instruction);
    return start;
  });
  const counters = words.length;
  const frame = counters + 1 + Math.max(0, ...steps.map(depthOf));
  const all = new Int32Array(frame + MOST_ARGUMENTS);
  all.set(words);
  return {words: all, steps: [...starts, counters].map(word => word * 4), counters: counters * 4, frame: frame * 4};
}

function append(words: number[], instruction: Instruction): void {
  if ('kernel' in instruction) appendCall(words, instruction);
  else appendLoop(words, instruction);
}

function appendCall(words: number[], {kernel, operands}: Call): void {
  const at = words.length;
  const letters = PARAMETERS[kernel];
  const terms = operands.flatMap((operand, i) => termsOf(operand).map(term => [i, ...term] as const));
  words[at + CALL.code] = NAMES.indexOf(kernel) + 1;
  words[at + CALL.arguments] = operands.length;
  words[at + CALL.terms] = terms.length;
  operands.forEach((operand, i) => {
    words.push(letters[i] === 'f' ? bitsOf(baseOf(operand)) : baseOf(operand));
  });
  for (const [argument, counter, factor] of terms) {
    const term = words.length;
    words[term + TERM.argument] = argument;
    words[term + TERM.counter] = counter;
    words[term + TERM.factor] = factor;
  }
}

function appendLoop(words: number[], {times, perExample, body}: Loop): void {
  const at = words.length;
  words[at + LOOP.code] = 0;
  words[at + LOOP.body] = 0;
  words[at + LOOP.times] = times;
  words[at + LOOP.perExample] = perExample;
  for (const instruction of body) append(words, instruction);
  words[at + LOOP.body] = words.length - at - LOOP.bytes / 4;
}

/** How deep loops lie within loops. */
function depthOf(instructions: readonly Instruction[]): number {
  return instructions.reduce(
    (depth, instruction) => ('kernel' in instruction ? depth : Math.max(depth, 1 + depthOf(instruction.body))),
    0,
  );
}

function baseOf(operand: Operand): number {
  return typeof operand === 'number' ? operand : (operand.region?.offset ?? 0) + operand.base;
}

function termsOf(operand: Operand): readonly (readonly [counter: number, factor: number])[] {
  return typeof operand === 'number' ? [] : operand.terms;
}

function bitsOf(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!;
}

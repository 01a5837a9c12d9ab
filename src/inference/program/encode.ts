import {PARAMETERS} from '../kernels/index.ts';
import type {Call, Instruction, Loop, Operand} from './instruction.ts';

/**
 * A program as 32-bit words, which a loop of any language runs over. A call is
 * `{code, arguments, terms, argument..., {argument, counter, factor}...}`: code 1 is the first kernel of `PARAMETERS`;
 * floats are their bits; each term adds `factor * counter` to one argument before the call. A loop is
 * `{0, words of its body, times, times for each example}`, then its body.
 */
export interface Program {
  readonly words: Int32Array;
  /** The same bytes as floats. */
  readonly floats: Float32Array;
  /** Where the instructions of each step begin, and where the last end. */
  readonly steps: readonly number[];
  /** Room behind all instructions for the arguments of one call. */
  readonly frame: number;
}

/** The code of a loop; those of kernels follow. */
export const LOOP = 0;
/** Words of a loop before its body, and of a call before its arguments. */
export const LOOP_WORDS = 4;
export const CALL_WORDS = 3;
/** Words of one term of a call. */
export const TERM_WORDS = 3;

const NAMES: readonly string[] = Object.keys(PARAMETERS);
/** The most arguments of a kernel. */
const FRAME_WORDS: number = Math.max(...Object.values(PARAMETERS).map(letters => letters.length));

/** The words of each step's instructions, once the regions that they name have their places. */
export function encode(steps: readonly (readonly Instruction[])[]): Program {
  const numbers: number[] = [];
  // Floats become bits in a view of their own; every number below is a whole one.
  const bits = new Int32Array(1);
  const bitsOf = new Float32Array(bits.buffer);
  const word = (operand: number, letter: string): number => {
    if (letter === 'i') return operand;
    bitsOf[0] = operand;
    return bits[0]!;
  };
  const call = ({kernel, operands}: Call): void => {
    const letters = PARAMETERS[kernel];
    const terms = operands.flatMap((operand, i) => termsOf(operand).map(term => [i, ...term]));
    numbers.push(NAMES.indexOf(kernel) + 1, operands.length, terms.length);
    operands.forEach((operand, i) => {
      numbers.push(word(baseOf(operand), letters[i]!));
    });
    numbers.push(...terms.flat());
  };
  const loop = ({times, perExample, body}: Loop): void => {
    const start = numbers.push(LOOP, 0, times, perExample);
    for (const instruction of body) add(instruction);
    numbers[start - LOOP_WORDS + 1] = numbers.length - start;
  };
  const add = (instruction: Instruction): void => ('kernel' in instruction ? call(instruction) : loop(instruction));
  const starts = steps.map(instructions => {
    const start = numbers.length;
    for (const instruction of instructions) add(instruction);
    return start;
  });
  const words = new Int32Array(numbers.length + FRAME_WORDS);
  words.set(numbers);
  return {
    words,
    floats: new Float32Array(words.buffer),
    steps: [...starts, numbers.length],
    frame: numbers.length,
  };
}

function baseOf(operand: Operand): number {
  return typeof operand === 'number' ? operand : (operand.region?.offset ?? 0) + operand.base;
}

function termsOf(operand: Operand): readonly (readonly [number, number])[] {
  return typeof operand === 'number' ? [] : operand.terms;
}

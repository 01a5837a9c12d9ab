import type {Kernels} from '../kernels/index.ts';
import type {Region, Value} from '../value.ts';

/**
 * What a number of a program may count by: 0 is the number of examples, 1 the turn of the outermost loop around, and so
 * on inwards. null is a loop that was left out because it has one turn: its turn is always 0.
 */
export type Counter = number | null;

/** The counter that is the number of examples. */
export const EXAMPLES = 0;

/**
 * A number that is known once memory is planned and the counters are: `offset of region + base + sum of factor *
 * counter`.
 */
export interface Linear {
  readonly region: Region | null;
  readonly base: number;
  readonly terms: readonly (readonly [counter: number, factor: number])[];
}

/** One argument of a kernel. */
export type Operand = number | Linear;

/** One call of a kernel. */
export interface Call {
  readonly kernel: keyof Kernels;
  readonly operands: readonly Operand[];
}

/** Instructions done `times + perExample * examples` times. */
export interface Loop {
  readonly times: number;
  readonly perExample: number;
  readonly body: readonly Instruction[];
}

/** A piece of a program, plain data: it can be shown, cut and moved to another thread. */
export type Instruction = Call | Loop;

/** `bytes` into a region. */
export function at(region: Region, bytes: number = 0): Linear {
  return {region, base: bytes, terms: []};
}

/** `bytes` further on. */
export function after(place: Linear, bytes: number): Linear {
  return {...place, base: place.base + bytes};
}

/** `bytes` further on for each turn of a loop. */
export function along(place: Linear, counter: Counter, bytes: number): Linear {
  if (counter === null || bytes === 0) return place;
  return {...place, terms: [...place.terms, [counter, bytes]]};
}

/** Where an instance of a value begins, by the turn of the loop over instances. */
export function instanceOf(value: Value, instance: Counter): Linear {
  return along(at(value.region), instance, value.instance);
}

/** Names of the kernels that are called, in the order of their first call. */
export function kernelsOf(instructions: readonly Instruction[]): string[] {
  const names = new Set<string>();
  for (const instruction of instructions) {
    if ('kernel' in instruction) names.add(instruction.kernel);
    else for (const name of kernelsOf(instruction.body)) names.add(name);
  }
  return [...names];
}

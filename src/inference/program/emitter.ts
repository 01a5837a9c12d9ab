import type {Kernels} from '../kernels/index.ts';
import type {Counter, Instruction, Operand} from './instruction.ts';
import {EXAMPLES} from './instruction.ts';

/** The arguments of a kernel, each a number or what will be one. */
export type Operands<K extends keyof Kernels> = EachOperand<Parameters<Kernels[K]>>;
type EachOperand<A extends readonly unknown[]> = {[P in keyof A]: Operand};

/** Writes instructions one after the other. */
export interface Emitter {
  /** A call of a kernel. */
  call<K extends keyof Kernels>(kernel: K, ...operands: Operands<K>): void;
  /** What `body` emits, `times` times; it is called once and gets the counter of the loop's turns. */
  loop(times: number, body: (turn: Counter) => void): void;
  /** The same `instances` times for each example, thus once for each instance of a tensor. */
  each(instances: number, body: (instance: Counter) => void): void;
  /** A count of `times` for each example. */
  perExample(times: number): Operand;
}

/**
 * An emitter for `batch` examples at most; one is always one, so that its loops and counts are plain numbers.
 *
 * @param into Where instructions of the outermost level go.
 */
export function emitterOf(batch: number, into: () => Instruction[]): Emitter {
  const open: Instruction[][] = [];
  const loop = (times: number, perExample: number, body: (turn: Counter) => void): void => {
    if (times === 1 && perExample === 0) {
      body(null);
      return;
    }
    const instructions: Instruction[] = [];
    open.push(instructions);
    body(open.length);
    open.pop();
    if (instructions.length > 0) (open.at(-1) ?? into()).push({times, perExample, body: instructions});
  };
  return {
    call: (kernel, ...operands) => {
      (open.at(-1) ?? into()).push({kernel, operands});
    },
    loop: (times, body) => loop(times, 0, body),
    each: (instances, body) => (batch === 1 ? loop(instances, 0, body) : loop(0, instances, body)),
    perExample: times => (batch === 1 ? times : {region: null, base: 0, terms: [[EXAMPLES, times]]}),
  };
}

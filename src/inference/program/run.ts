import {CALLS, type Kernels} from '../kernels/index.ts';
import type {Program} from './encode.ts';
import {CALL_WORDS, LOOP, LOOP_WORDS, TERM_WORDS} from './encode.ts';
import {EXAMPLES} from './instruction.ts';

/** Runs one step of a program over `examples` examples. */
export function runStep(program: Program, step: number, kernels: Kernels, examples: number): void {
  const counters = [examples];
  runWords(program, kernels, counters, program.steps[step]!, program.steps[step + 1]!);
}

/** Instructions from word to word; `counters` are the number of examples and the turns of the loops around. */
function runWords(program: Program, kernels: Kernels, counters: number[], from: number, to: number): void {
  const {words, floats, frame} = program;
  for (let at = from; at < to; ) {
    const code = words[at]!;
    if (code === LOOP) {
      const body = at + LOOP_WORDS;
      at = body + words[at + 1]!;
      const times = words[body - 2]! + words[body - 1]! * counters[EXAMPLES]!;
      const depth = counters.push(0) - 1;
      for (let turn = 0; turn < times; turn++) {
        counters[depth] = turn;
        runWords(program, kernels, counters, body, at);
      }
      counters.pop();
      continue;
    }
    const first = at + CALL_WORDS;
    const terms = first + words[at + 1]!;
    const end = terms + TERM_WORDS * words[at + 2]!;
    if (terms === end) CALLS[code - 1]!(kernels, words, floats, first);
    else {
      for (let i = first; i < terms; i++) words[frame + i - first] = words[i]!;
      for (let term = terms; term < end; term += TERM_WORDS)
        words[frame + words[term]!]! += Math.imul(counters[words[term + 1]!]!, words[term + 2]!);
      CALLS[code - 1]!(kernels, words, floats, frame);
    }
    at = end;
  }
}

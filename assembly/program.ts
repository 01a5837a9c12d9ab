// Programs: calls of kernels and loops around them as 32-bit words (CALL, TERM and LOOP), one after the other.
import {
  CALL_ARGUMENTS, CALL_BYTES, CALL_TERMS, LOOP_BODY, LOOP_BYTES, LOOP_PER_EXAMPLE, LOOP_TIMES, TERM_ARGUMENT, TERM_BYTES, TERM_COUNTER, TERM_FACTOR,
} from './contract.generated';
import {call} from './program.generated';

/**
 * `counters` are the number of examples and the turns of the loops around, of which the next is at `next`; `frame` is
 * room for arguments.
 */
function walk(at: usize, end: usize, counters: usize, next: usize, frame: usize): void {
  while (at < end) {
    const code = load<i32>(at);
    if (code == 0) {
      const body = at + LOOP_BYTES;
      at = body + ((<usize>load<u32>(at, LOOP_BODY)) << 2);
      const times = load<i32>(body - LOOP_BYTES, LOOP_TIMES) + load<i32>(body - LOOP_BYTES, LOOP_PER_EXAMPLE) * load<i32>(counters);
      for (let turn = 0; turn < times; turn++) {
        store<i32>(next, turn);
        walk(body, at, counters, next + 4, frame);
      }
      continue;
    }
    const words = at + CALL_BYTES;
    const terms = words + ((<usize>load<u32>(at, CALL_ARGUMENTS)) << 2);
    const stop = terms + <usize>load<u32>(at, CALL_TERMS) * TERM_BYTES;
    let from = words;
    if (terms < stop) {
      // What varies is added to a copy: the program itself stays as it is.
      for (let p = words, q = frame; p < terms; p += 4, q += 4) store<i32>(q, load<i32>(p));
      for (let term = terms; term < stop; term += TERM_BYTES) {
        const q = frame + ((<usize>load<u32>(term, TERM_ARGUMENT)) << 2);
        const counter = load<i32>(counters + ((<usize>load<u32>(term, TERM_COUNTER)) << 2));
        store<i32>(q, load<i32>(q) + counter * load<i32>(term, TERM_FACTOR));
      }
      from = frame;
    }
    call(code, from);
    at = stop;
  }
}

/**
 * Runs the instructions from `at` to `end` over `examples` examples. `counters` is room for a word and one more a loop
 * within loops, `frame` for the arguments of a call.
 */
export function run(at: usize, end: usize, examples: i32, counters: usize, frame: usize): void {
  store<i32>(counters, examples);
  walk(at, end, counters, counters + 4, frame);
}

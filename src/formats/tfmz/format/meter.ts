import {tooMuch} from './limits.ts';

/** How far coding a file has come and what it has cost. */
export interface Meter {
  /** Bytes of weights that are coded, and that there are. */
  done: number;
  total: number;
  /** Decisions so far; see `coder/costs.ts`. */
  readonly spent: number;
  /** @throws TfmotError `memory-limit` when that is more than is left. */
  spend(decisions: number): void;
  /** As `spend`, for what is going to be spent, before memory is taken for it. */
  check(decisions: number): void;
}

/** A meter for `maxDecisions` decisions; an encoder counts without a limit. */
export function meterOf(maxDecisions: number = Number.POSITIVE_INFINITY): Meter {
  let spent = 0;
  const check = (decisions: number): void => {
    if (spent + decisions > maxDecisions) throw tooMuch('maxDecisions', maxDecisions, 'decisions to decode');
  };
  return {
    done: 0,
    total: 0,
    get spent() {
      return spent;
    },
    check,
    spend(decisions) {
      check(decisions);
      spent += decisions;
    },
  };
}

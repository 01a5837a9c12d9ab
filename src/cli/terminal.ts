import colors from 'picocolors';

/** A stream of a terminal, a file or a pipe: `process.stdout` is one. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** What a command talks to: `process` is one. */
export interface Terminal {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Columns of a file or a pipe, and of a terminal that does not say. */
const COLUMNS = 80;
/** Narrower tables say nothing. */
const COLUMNS_MIN = 40;

/** Columns that a stream shows: those of the terminal, else those of the variable COLUMNS, else 80. */
export function columnsOf({columns}: Stream, env: Terminal['env']): number {
  const given = columns || Number(env['COLUMNS']);
  return Number.isInteger(given) && given > 0 ? Math.max(COLUMNS_MIN, given) : COLUMNS;
}

/** Colours where a person sees them: on a terminal, unless NO_COLOR is set; FORCE_COLOR asks for them elsewhere. */
export function colorsOf({isTTY}: Stream, env: Terminal['env']): ReturnType<typeof colors.createColors> {
  const seen = isTTY === true && env['TERM'] !== 'dumb';
  return colors.createColors(!env['NO_COLOR'] && (seen || Boolean(env['FORCE_COLOR'])));
}

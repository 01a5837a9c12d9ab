import colors from 'picocolors';
import type {Measure} from './model-file.ts';

/** What a command has to say: data for `--json`, text for people, and the command to try next. */
export interface Result {
  readonly json: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
  readonly next: string;
}

/** Prints a result: one JSON object, or text. */
export function print({json, lines, next}: Result, asJson: boolean): void {
  if (asJson) process.stdout.write(`${JSON.stringify({...json, next}, null, 2)}\n`);
  else process.stdout.write(`${[...lines, '', `${colors.dim('next:')} ${colors.cyan(next)}`].join('\n')}\n`);
}

/** Says on stderr what is going on. */
export function log(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** Rows of text with columns of equal width; the first row is the head. Columns of numbers are set to the right. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  const numeric = widths.map((_, column) => rows.slice(1).every(row => /^[\d,.\s%-]*$/.test(row[column]!)));
  return rows.map((row, index) => {
    const cells = row.map((cell, column) =>
      numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    );
    const line = cells.join('  ').trimEnd();
    return index === 0 ? colors.bold(line) : line;
  });
}

/** What changed: non-zeros and bytes, before and after. */
export function beforeAfter(before: Measure, after: Measure): string[] {
  return columns([
    ['', 'before', '', 'after'],
    ['non-zeros', grouped(before.nonZeros), '->', grouped(after.nonZeros)],
    ['sparsity', percent(before), '->', percent(after)],
    ['bytes', grouped(before.bytes), '->', grouped(after.bytes)],
    ['bytes gzip -9', grouped(before.gzipBytes), '->', grouped(after.gzipBytes)],
  ]);
}

/** The share of zeros as a percentage with two decimals. */
export const percent = ({parameters, nonZeros}: Pick<Measure, 'parameters' | 'nonZeros'>): string =>
  `${(parameters === 0 ? 0 : 100 * (1 - nonZeros / parameters)).toFixed(2)} %`;

/** 1234567 as 1,234,567. */
export const grouped = (value: number): string => value.toLocaleString('en-US');

import type {WrittenModel} from './model-file.ts';
import {colorsOf, columnsOf, type Terminal} from './terminal.ts';
import {type Block, counted, grouped, layOut} from './text.ts';

/** What a command has to say in the end. */
export interface Outcome {
  /** All it found, as data for `--json`. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The same for people. */
  readonly blocks: readonly Block[];
  /** What it wrote. */
  readonly wrote?: WrittenModel;
  /** The words of a command to try next, each quoted where it has to be. */
  readonly next?: readonly string[];
}

/** Prints what a command has to say: one JSON object, text, or nothing. */
export function print(
  {json, blocks, wrote, next}: Outcome,
  {json: asJson = false, quiet = false}: {readonly json?: boolean; readonly quiet?: boolean},
  {stdout, env}: Terminal,
): void {
  if (asJson) {
    const rest = {...(wrote && {wrote}), ...(next && {next: next.join(' ')})};
    stdout.write(`${JSON.stringify({...json, ...rest}, null, 2)}\n`);
    return;
  }
  if (quiet) return;
  const width = columnsOf(stdout, env);
  const {bold, cyan, dim} = colorsOf(stdout, env);
  const lines = layOut(blocks, width, bold);
  if (wrote !== undefined) {
    const files = wrote.files === 1 ? '' : ` in ${counted(wrote.files, 'file')}`;
    lines.push(...layOut([`wrote ${wrote.path}: ${grouped(wrote.bytes)} bytes${files}`, ...wrote.notes], width, bold));
  }
  if (next !== undefined) lines.push('', ...nextLines(next, width).map(([mark, text]) => `${dim(mark)}${cyan(text)}`));
  stdout.write(`${lines.join('\n')}\n`);
}

/** A command to copy, in as many lines as it needs; a shell takes them as one. */
function nextLines(words: readonly string[], width: number): (readonly [mark: string, text: string])[] {
  const mark = 'next:';
  const whole = words.join(' ');
  if (mark.length + 1 + whole.length <= width || process.platform === 'win32') return [[`${mark} `, whole]];
  const lines: string[] = [];
  let line = '';
  for (const part of partsOf(words)) {
    if (line !== '' && line.length + part.length + 5 > width) {
      lines.push(`  ${line} \\`);
      line = `  ${part}`;
    } else {
      line += `${line === '' ? '' : ' '}${part}`;
    }
  }
  return [[mark, ''], ...[...lines, `  ${line}`].map(text => ['', text] as const)];
}

/** An option stays with its value. */
function partsOf(words: readonly string[]): string[] {
  const parts: string[] = [];
  for (const word of words) {
    const previous = parts.at(-1);
    if (previous !== undefined && /^--?[a-z-]+$/.test(previous) && !word.startsWith('-'))
      parts[parts.length - 1] += ` ${word}`;
    else parts.push(word);
  }
  return parts;
}

/** Rows of text below a head, all of the same length. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A paragraph, or a table. */
export type Block = string | Table;

const GAP = '  ';
/** A shortened column keeps so many characters. */
const LEAST = 8;

/**
 * Lays out blocks in lines of at most `width` characters. Paragraphs break at spaces; a word that is longer, such as a
 * path, stays whole. Tables shorten the cells of their widest columns of words in the middle.
 *
 * @param bold How the head of a table is marked.
 */
export function layOut(blocks: readonly Block[], width: number, bold: (line: string) => string): string[] {
  return blocks.flatMap(block => (typeof block === 'string' ? wrapped(block, width) : tableLines(block, width, bold)));
}

/** A paragraph in lines; those after the first are set in. What is set in already, such as a command, stays whole. */
function wrapped(text: string, width: number): string[] {
  if (text.startsWith('  ')) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width || line === '') {
      line = longer;
      continue;
    }
    lines.push(line);
    line = `  ${word}`;
  }
  return [...lines, line];
}

function tableLines({head, rows}: Table, width: number, bold: (line: string) => string): string[] {
  const numeric = head.map((_, column) => rows.every(row => /^[\d,.\s%-]*$/.test(row[column]!)));
  const widths = fitted(
    head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]!.length))),
    numeric,
    width,
  );
  return [head, ...rows].map((row, index) => {
    const cells = row.map((cell, column) => {
      const length = widths[column]!;
      const short = shortened(cell, length);
      return numeric[column] ? short.padStart(length) : short.padEnd(length);
    });
    const line = cells.join(GAP).trimEnd();
    return index === 0 ? bold(line) : line;
  });
}

/** Widths that fit: the widest column of words gives way, one character at a time. */
function fitted(natural: readonly number[], numeric: readonly boolean[], width: number): number[] {
  const widths = [...natural];
  let over = widths.reduce((sum, one) => sum + one, GAP.length * (widths.length - 1)) - width;
  for (; over > 0; over--) {
    let widest = -1;
    for (const [column, one] of widths.entries()) {
      if (!numeric[column] && one > LEAST && one > (widths[widest] ?? 0)) widest = column;
    }
    if (widest < 0) break;
    widths[widest]!--;
  }
  return widths;
}

/** A text of at most `length` characters: its start and its end, which say most of a name. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = Math.floor((length - 1) / 2);
  return `${text.slice(0, length - 1 - end)}…${text.slice(text.length - end)}`;
}

/** 1234567 as 1,234,567. */
export const grouped = (value: number): string => value.toLocaleString('en-US');

/** A number of things: `1 weight`, `2 weights`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

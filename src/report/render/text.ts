import type {ReportFacts} from '../facts.ts';
import {summaryOf, type Table, tablesOf} from './table.ts';

/** The report as plain text: a title, a sentence, tables. */
export function renderText(facts: ReportFacts): string {
  const parts = [facts.title, summaryOf(facts), ...facts.notes, ...tablesOf(facts).map(textTable)];
  return `${parts.join('\n\n')}\n`;
}

function textTable({title, head, rows}: Table): string {
  const all = head.every(cell => cell === '') ? rows : [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map(row => row[column]!.length)));
  const lines = all.map(row =>
    row
      .map((cell, column) => (/^[≈\d]/.test(cell) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  return [title, ...lines].join('\n');
}

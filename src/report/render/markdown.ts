import type {ReportFacts} from '../facts.ts';
import {escapeMarkdown} from './escape.ts';
import {summaryOf, type Table, tablesOf} from './table.ts';

/** The report as Markdown: a title, a sentence, tables. */
export function renderMarkdown(facts: ReportFacts): string {
  const parts = [
    `# ${escapeMarkdown(facts.title)}`,
    escapeMarkdown(summaryOf(facts)),
    ...facts.notes.map(escapeMarkdown),
    ...tablesOf(facts).map(markdownTable),
  ];
  return `${parts.join('\n\n')}\n`;
}

function markdownTable({title, head, rows}: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [`## ${title}`, '', line(head), line(head.map(() => '---')).replace(/\\/g, ''), ...rows.map(line)].join('\n');
}

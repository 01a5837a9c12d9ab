import type {ReportFacts} from '../facts.ts';
import type {Figure} from '../figures/figure.ts';
import {FIGURES} from '../figures/index.ts';
import {createPen, type Drawing} from '../pen.ts';
import {escapeJson, escapeMarkup} from './escape.ts';
import {SCRIPT} from './script.ts';
import {STYLE} from './style.ts';
import {summaryOf, type Table, tablesOf} from './table.ts';

/**
 * The report as one HTML file that needs nothing else: no network. The facts are in it as JSON, in the element
 * `#facts`.
 */
export function renderHtml(facts: ReportFacts): string {
  const pen = createPen();
  const figures = FIGURES.flatMap(figure => {
    const drawing = figure.draw(facts, pen);
    return drawing === null ? [] : [figureMarkup(figure, drawing)];
  });
  const title = escapeMarkup(facts.title);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">`,
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${title}</h1>`,
    `<p>${escapeMarkup(summaryOf(facts))}</p>`,
    ...facts.notes.map(note => `<p>${escapeMarkup(note)}</p>`),
    ...figures,
    ...tablesOf(facts).map(tableMarkup),
    '</main>',
    `<script type="application/json" id="facts">${escapeJson(facts)}</script>`,
    ...(figures.some(figure => figure.includes('class="scrubber"')) ? [`<script>${SCRIPT}</script>`] : []),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function figureMarkup({name, title}: Figure, {markup, caption, alt}: Drawing): string {
  return (
    `<section id="${name}"><h2>${escapeMarkup(title)}</h2>` +
    `<figure class="main"><div role="img" aria-label="${escapeMarkup(`${title}. ${alt}`)}">${markup}</div>` +
    `<figcaption>${escapeMarkup(caption)}</figcaption></figure></section>`
  );
}

function tableMarkup({name, title, head, rows}: Table): string {
  const cells = (tag: 'td' | 'th', row: readonly string[]): string =>
    row.map(cell => `<${tag}${/^[≈\d]/.test(cell) ? ' class="number"' : ''}>${escapeMarkup(cell)}</${tag}>`).join('');
  const top = head.every(cell => cell === '') ? '' : `<thead><tr>${cells('th', head)}</tr></thead>`;
  return (
    `<section id="${name}"><h2>${escapeMarkup(title)}</h2><div class="scroll" tabindex="0" role="region" aria-label="${escapeMarkup(title)}"><table>${top}` +
    `<tbody>${rows.map(row => `<tr>${cells('td', row)}</tr>`).join('')}</tbody></table></div></section>`
  );
}

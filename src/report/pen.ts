import type {PlotOptions} from '@observablehq/plot';
import {Plot, parseHTML} from './drawing-library.ts';
import {escapeMarkup} from './render/escape.ts';

/** A picture, what it shows in a sentence for those who read it, and for those who cannot see it. */
export interface Drawing {
  /** SVG, or several and what stands between them. */
  readonly markup: string;
  readonly caption: string;
  readonly alt: string;
}

/** What figures draw with. */
export interface Pen {
  readonly plot: typeof Plot;
  /** The markup of a plot. */
  draw(options: PlotOptions): string;
}

/** Width of a figure in pixels, before it shrinks to the page. */
export const WIDTH = 680;

/** A pen that needs no page: it draws into a document of its own. */
export function createPen(): Pen {
  const {document} = parseHTML('<!doctype html><html><body></body></html>');
  return {
    plot: Plot,
    draw: options => {
      const plot = Plot.plot({
        width: WIDTH,
        style: {background: 'none', fontSize: '12px', overflow: 'visible'},
        ...options,
        document: document as unknown as Document,
      });
      // Plot's own names of classes are random: reports of the same facts are the same.
      return plot.outerHTML.replace(/plot-[0-9a-f]+/g, 'plot');
    },
  };
}

/** A picture of several small ones, each with its name below. */
export function gallery(items: readonly {readonly markup: string; readonly label: string}[]): string {
  const figures = items.map(
    ({markup, label}) => `<figure>${markup}<figcaption>${escapeMarkup(label)}</figcaption></figure>`,
  );
  return `<div class="gallery">${figures.join('')}</div>`;
}

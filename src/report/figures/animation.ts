import {animatedPng} from '../animated-png.ts';
import type {RunRecord, Thumbnail} from '../facts.ts';
import {escapeMarkup} from '../render/escape.ts';
import type {Figure} from './figure.ts';
import {maskSvg} from './masks.ts';

/** Light grey and blue, which show on light and on dark paper. */
const LOOK = {
  colours: [
    [222, 227, 232],
    [31, 111, 235],
  ],
  frameMs: 200,
} as const;

/** The masks of one weight at each of their updates: a slider to go through them, and an animation to play. */
export const animation: Figure = {
  name: 'animation',
  title: 'A mask while it trained',
  draw: ({run}) => {
    const name = run === undefined ? undefined : largest(run);
    if (run === undefined || name === undefined) return null;
    const frames = framesOf(run, name);
    const png = btoa(
      String.fromCharCode(
        ...animatedPng(
          frames.map(({mask}) => mask),
          LOOK,
        ),
      ),
    );
    const last = frames.at(-1)!;
    return {
      markup:
        `<div class="scrubber" data-weight="${escapeMarkup(name)}">${maskSvg(last.mask)}` +
        `<label hidden>Step <output>${last.step}</output> <input type="range" min="0" max="${frames.length - 1}" value="${frames.length - 1}"></label></div>` +
        `<details><summary>Play</summary><img class="mask" alt="" src="data:image/apng;base64,${png}" width="256"></details>`,
      caption: `${name}, from step ${frames[0]!.step} to step ${last.step}.`,
      alt: `${name} at ${frames.length} moments.`,
    };
  },
};

/** The weight whose thumbnails show most of it, among those with several. */
function largest(run: RunRecord): string | undefined {
  const areas = run.weights.flatMap(name => {
    const frames = framesOf(run, name);
    const [first] = frames;
    return frames.length < 2 || first === undefined ? [] : [{name, area: first.mask.rows * first.mask.columns}];
  });
  return areas.sort((a, b) => b.area - a.area)[0]?.name;
}

/** The masks of a weight that are of the size of its first. */
function framesOf({updates}: RunRecord, name: string): {step: number; mask: Thumbnail}[] {
  const frames = updates.flatMap(({step, masks}) => (Object.hasOwn(masks, name) ? [{step, mask: masks[name]!}] : []));
  const [first] = frames;
  return frames.filter(({mask}) => mask.rows === first!.mask.rows && mask.columns === first!.mask.columns);
}

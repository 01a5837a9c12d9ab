import {existsSync} from 'node:fs';
import {FILE_ENDINGS} from '../formats/formats.ts';

/** A word of a command, quoted where a shell would take it apart. */
export function quoted(word: string): string {
  if (/^[\w./:@%+=,-]+$/.test(word)) return word;
  return process.platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A path as an argument that no option is taken for. */
export const argument = (path: string): string => quoted(path.startsWith('-') ? `./${path}` : path);

/**
 * A path for something made from a model: beside it, named after it, and free.
 *
 * @param ending What tells it from the model, such as `-pruned` or `.tfmz`.
 */
export function freePath(model: string, ending: string): string {
  const whole = model.replace(/[/\\]+$/, '');
  const own = FILE_ENDINGS.find(one => whole.endsWith(one));
  // What is made of a file of another toolkit is one of its kind again, unless its ending says otherwise.
  const last = own === undefined || ending.startsWith('.') ? ending : `${ending}${own}`;
  const stem = own === undefined ? whole.replace(/[/\\]model\.json$|\.json$|\.tfmz$/, '') : whole.slice(0, -own.length);
  const base = /(^|[/\\])\.{0,2}$/.test(stem) ? `${stem === '' ? '' : `${stem}/`}model` : stem;
  for (let count = 1; ; count++) {
    const path = `${base}${count === 1 ? '' : `-${count}`}${last}`;
    if (!existsSync(path)) return path;
  }
}

/** The words of a command that looks at a model that was written. */
export function inspectCommandFor({
  path,
  limits,
}: {
  readonly path: string;
  readonly limits?: object | undefined;
}): string[] {
  return ['tfmot', 'inspect', argument(path), ...(limits === undefined ? [] : ['--no-limits'])];
}

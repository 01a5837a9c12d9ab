import {lstat, realpath, stat} from 'node:fs/promises';
import {join} from 'node:path';
import type {OpenModel} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import {FILE_ENDINGS, formatNamed} from '../formats/formats.ts';
import {findModel, lookAt} from './model-path.ts';
import {argument, freePath} from './shell.ts';

/** What a command writes: one `.tfmz`, a folder, whichever of these the path says, or that or a `.tflite`. */
export type OutputKind = 'tfmz' | 'folder' | 'either' | 'any';

/** Names of files that this command does not write, though a path may ask for one. */
const OTHER_FORMATS = /\.(hdf5|pb|bin|zip|gz)$/i;

/** The ending of a path that asks for a file of another toolkit; undefined for any other. */
export const endingOf = (path: string): string | undefined => FILE_ENDINGS.find(ending => path.endsWith(ending));

/** Whether a path asks for one file. */
const isOneFile = (path: string): boolean => isTfmz(path) || endingOf(path) !== undefined;

/** Whether a path asks for one `.tfmz` file. */
export const isTfmz = (path: string): boolean => path.endsWith('.tfmz');

/** Whether a path asks for a `.tflite` file. */
export const isTflite = (path: string): boolean => path.endsWith('.tflite');

/** Where to write, and what may be replaced there. */
export interface OutputRequest {
  /** Path of the model that is read. */
  readonly model: string;
  readonly output: string | undefined;
  readonly kind: OutputKind;
  /** Whether a model may be replaced. */
  readonly force: boolean;
  /** What a missing output is proposed to be called, such as `-pruned`. */
  readonly ending: string;
}

/**
 * The path to write to. What is not a model is never replaced, a model only with `force`; the model that is read is
 * one, and replacing it is safe, because models are read whole and written in one moment. Links are not followed.
 *
 * @throws TfmotError `invalid-argument` for a path that says another kind of file,  `file-exists` for what stands
 *     there.
 */
export async function checkOutput({model, output, kind, force, ending}: OutputRequest): Promise<string> {
  if (output === undefined || output === '') {
    const proposed = argument(freePath(model, ending));
    throw new TfmotError(
      'invalid-argument',
      `Say where to write with -o: the model that is read stays as it is. Such as -o ${proposed}`,
    );
  }
  checkName(output, kind);
  const found = await lookAt(output);
  await refuseLink(isOneFile(output) || output.endsWith('.json') ? output : join(output, 'model.json'));
  if (found.kind === 'foreign') {
    const file = isOneFile(output) ? '' : await insteadOfFolder(output);
    throw new TfmotError(
      'file-exists',
      `${output} is ${found.what}, and only models are replaced. Choose another path, or move it away.${file}`,
    );
  }
  if (found.kind === 'nothing' || found.kind === 'empty') return output;
  const [isFile, wanted] = [found.kind !== 'folder', isOneFile(output)];
  if (isFile !== wanted) {
    const [is, asked] = isFile ? ['a file', 'a folder'] : ['a folder', 'a file'];
    throw new TfmotError('file-exists', `${output} is ${is} and cannot become ${asked}. Choose another path.`);
  }
  if (force) return output;
  const same = await isSameFile(found.file, model);
  throw new TfmotError(
    'file-exists',
    same
      ? `${output} is the model that is read. Choose another path, or add --force to replace it.`
      : `${output} holds a model already. Choose another path, or add --force to replace it.`,
  );
}

/**
 * Refuses an output that a model cannot take: a file of another toolkit stays one, and any other model becomes none.
 *
 * @throws TfmotError `invalid-argument`.
 */
export function checkForm(output: string, {format, file}: Pick<OpenModel, 'format' | 'file'>): void {
  if (isTfmz(output)) return;
  const ending = file === undefined ? undefined : endingOf(formatNamed(format).fileName);
  if (endingOf(output) === ending) return;
  throw new TfmotError(
    'invalid-argument',
    ending === undefined
      ? `The output must be a folder, or end in .tfmz, for a model of TensorFlow.js, but is ${output}.`
      : `The output must end in ${ending} as the model does, or in .tfmz, but is ${output}.`,
  );
}

/** Saving refuses links, too, but only after the work. */
async function refuseLink(file: string): Promise<void> {
  const stats = await lstat(file).catch(() => undefined);
  if (stats?.isSymbolicLink() !== true) return;
  throw new TfmotError('file-exists', `${file} is a symbolic link, which is not followed. Name the file behind it.`);
}

function checkName(output: string, kind: OutputKind): void {
  const rule =
    kind === 'tfmz' && !isTfmz(output)
      ? 'The output must end in .tfmz'
      : kind === 'folder' && isTfmz(output)
        ? 'The output must be a folder'
        : kind === 'any' && isOneFile(output) && !isTfmz(output) && !isTflite(output)
          ? 'The output must be a folder, or end in .tflite or .tfmz'
          : OTHER_FORMATS.test(output)
            ? `The output must be a folder, or end in ${['.tfmz', ...FILE_ENDINGS].join(', ')}`
            : null;
  if (rule !== null) throw new TfmotError('invalid-argument', `${rule}, but is ${output}.`);
}

/** A way to write into a folder that holds other things. */
async function insteadOfFolder(output: string): Promise<string> {
  const isFolder = (await stat(output)).isDirectory();
  const free = isFolder && (await lookAt(join(output, 'model.json'))).kind === 'nothing';
  return free ? ` To put a model among its files, name its model.json: -o ${argument(join(output, 'model.json'))}` : '';
}

async function isSameFile(file: string, model: string): Promise<boolean> {
  try {
    return (await realpath(file)) === (await realpath((await findModel(model)).file));
  } catch {
    return false;
  }
}

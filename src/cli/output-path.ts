import {lstat, realpath, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {TfmotError} from '../errors.ts';
import {TFLITE} from './foreign-files.ts';
import {findModel, lookAt} from './model-path.ts';
import {argument, freePath} from './shell.ts';

/** What a command writes: one `.tfmz`, a folder, whichever of these the path says, or that or a `.tflite`. */
export type OutputKind = 'tfmz' | 'folder' | 'either' | 'any';

/** Names of files that this command does not write, though a path may ask for one. */
const OTHER_FORMATS = /\.(h5|hdf5|keras|pb|tflite|onnx|bin|zip|gz)$/i;

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
 * @throws TfmotError `invalid-argument` for a path that says another kind of file,  `file-exists` for what stands there.
 */
export async function checkOutput({model, output, kind, force, ending}: OutputRequest): Promise<string> {
  if (output === undefined || output === '') {
    const proposed = argument(freePath(model, ending));
    throw new TfmotError(
      'invalid-argument',
      `Say where to write with -o: the model that is read stays as it is. Such as -o ${proposed}`,
    );
  }
  if (kind === 'any' && isTflite(output)) return checkTflite(output, force);
  checkName(output, kind);
  const found = await lookAt(output);
  await refuseLink(isTfmz(output) || output.endsWith('.json') ? output : join(output, 'model.json'));
  if (found.kind === 'foreign') {
    const file = isTfmz(output) ? '' : await insteadOfFolder(output);
    throw new TfmotError(
      'file-exists',
      `${output} is ${found.what}, and only models are replaced. Choose another path, or move it away.${file}`,
    );
  }
  if (found.kind === 'nothing' || found.kind === 'empty') return output;
  const [isFile, wanted] = [found.kind === 'tfmz', isTfmz(output)];
  if (isFile !== wanted) {
    const [is, asked] = isFile ? ['a .tfmz file', 'a folder'] : ['a folder', 'a .tfmz file'];
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

/** A `.tflite` file is replaced by a `.tflite` file alone, and only with `force`. */
async function checkTflite(output: string, force: boolean): Promise<string> {
  await refuseLink(output);
  const found = await lookAt(output);
  if (found.kind === 'nothing' || found.kind === 'empty') return output;
  const isModel = found.kind === 'foreign' && found.what === TFLITE;
  if (isModel && force) return output;
  throw new TfmotError(
    'file-exists',
    isModel
      ? `${output} holds a model already. Choose another path, or add --force to replace it.`
      : `${output} is something else than a .tflite file, and is not replaced by one. Choose another path, or move it away.`,
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
        : OTHER_FORMATS.test(output)
          ? `The output must be a folder, or end in ${kind === 'any' ? '.tflite or .tfmz' : '.tfmz'}`
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

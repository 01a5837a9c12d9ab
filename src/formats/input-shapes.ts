import type {InputShapes} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import type {Shape} from '../graph/tensor.ts';
import {show} from '../show.ts';

/**
 * Refuses shapes for inputs that a model does not have.
 *
 * @param names Of its inputs.
 * @throws TfmotError `invalid-argument`.
 */
export function checkInputNames(names: readonly string[], inputShapes: InputShapes): void {
  for (const [name, shape] of Object.entries(inputShapes)) {
    if (!names.includes(name))
      throw new TfmotError('invalid-argument', `inputShapes names '${name}', but the inputs are ${names.join(', ')}.`);
    if (!Array.isArray(shape))
      throw new TfmotError(
        'invalid-argument',
        `inputShapes.${name} must be a list of sizes without the batch, but is ${show(shape)}.`,
      );
  }
}

/**
 * The sizes of an input, with those filled in that its model leaves open.
 *
 * @param open Sizes without the batch; null where open; undefined where not even their number is known.
 * @throws TfmotError `unsupported-model` when sizes remain unknown, or given ones contradict the model.
 */
export function closedShape(
  name: string,
  open: readonly (number | null)[] | undefined,
  inputShapes: InputShapes,
): Shape {
  const own = Object.hasOwn(inputShapes, name) ? inputShapes[name] : undefined;
  const must = open ?? own?.map(() => null) ?? [];
  const given = own ?? open ?? [null];
  const fits = given.length === must.length && given.every((size, i) => must[i] === null || must[i] === size);
  if (fits && given.every(isSize)) return given;
  const known = open === undefined ? 'of any shape' : show([null, ...open]);
  throw new TfmotError(
    'unsupported-model',
    `Input '${name}' is ${known} and must have known sizes but for the batch. Give them as inputShapes: {'${name}': [...]}${own === undefined ? '' : `, not ${show(own)}`}.`,
  );
}

function isSize(size: unknown): size is number {
  return typeof size === 'number' && Number.isSafeInteger(size) && size > 0;
}

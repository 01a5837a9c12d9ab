import {TfmotError} from '../errors.ts';
import type {OpenModel} from './open-model.ts';

/**
 * Refuses a model whose training has not been ended, because its weights are not what they will be.
 *
 * @param what Who refuses, as the subject of the message.
 * @throws TfmotError `unsupported-model`.
 */
export function refuseUnfinished({unfinished}: Pick<OpenModel, 'unfinished'>, what: string): void {
  if (unfinished === undefined) return;
  throw new TfmotError(
    'unsupported-model',
    `${what} needs a finished model, but this one still holds the wrappers of its training. Strip it first: ${unfinished}.`,
  );
}

import {TfmotError} from '../errors.ts';
import type {RunRecord, Thumbnail} from './facts.ts';

/** Sizes beyond are no thumbnail's. */
const MOST_SIDE = 4096;

/**
 * A run that was read from a file, checked.
 *
 * @param where How a message calls the file.
 * @throws TfmotError `invalid-input` that names what is wrong.
 */
export function checkRun(value: unknown, where: string): RunRecord {
  const wrong = (what: string): TfmotError =>
    new TfmotError('invalid-input', `${where} must be a run that recordRun wrote, but ${what}. Record the run again.`);
  if (!isRecord(value) || value['kind'] !== 'tfmot-run') throw wrong('is something else');
  if (value['version'] !== 1) throw wrong(`has version ${String(value['version'])}, and this library reads version 1`);
  const {about, weights, updates, epochs} = value;
  if (!isRecord(about) || !Object.values(about).every(each => ['string', 'number', 'boolean'].includes(typeof each)))
    throw wrong('its about is not an object of texts and numbers');
  if (!Array.isArray(weights) || !weights.every(name => typeof name === 'string'))
    throw wrong('its weights are not a list of names');
  if (!Array.isArray(updates)) throw wrong('its updates are not a list');
  for (const update of updates) {
    const numbers =
      isRecord(update) && isStep(update['step']) && isNumbers(update['sparsity']) && isNumbers(update['threshold']);
    if (!numbers || !isRecord(update['masks']) || !Object.values(update['masks']).every(isThumbnail))
      throw wrong('one of its updates lacks a step, sparsities, thresholds or masks');
    if (update['planned'] !== undefined && typeof update['planned'] !== 'number')
      throw wrong('what an update planned is not a number');
  }
  if (
    !Array.isArray(epochs) ||
    !epochs.every(epoch => isRecord(epoch) && isStep(epoch['epoch']) && isNumbers(epoch['logs']))
  )
    throw wrong('its epochs are not a list of logs');
  return value as unknown as RunRecord;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStep(value: unknown): boolean {
  return Number.isSafeInteger(value);
}

/** JSON has null where a number was NaN or infinite. */
function isNumbers(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every(each => typeof each === 'number' || each === null);
}

function isThumbnail(value: unknown): value is Thumbnail {
  if (!isRecord(value)) return false;
  const {rows, columns, of, bits} = value;
  const isSide = (side: unknown): boolean =>
    Number.isSafeInteger(side) && (side as number) >= 1 && (side as number) <= MOST_SIDE;
  return (
    isSide(rows) &&
    isSide(columns) &&
    Array.isArray(of) &&
    of.length === 2 &&
    of.every(Number.isFinite) &&
    typeof bits === 'string' &&
    /^[A-Za-z0-9+/]*={0,2}$/.test(bits) &&
    Math.ceil(((rows as number) * (columns as number)) / 8) === Math.floor((bits.replace(/=/g, '').length * 3) / 4)
  );
}

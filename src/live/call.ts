import type {layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../errors.ts';
import {checkOptionNames} from '../option-names.ts';
import {showGiven} from './given.ts';

/**
 * The options of a function that takes nothing else, with only names that it knows.
 *
 * @param names All of them, in the order in which the Python toolkit takes them.
 * @param given What the caller passed.
 * @throws TfmotError `invalid-argument` that says how to call it, where values come one by one or a name is not known.
 */
export function namedOptions<T>(caller: string, names: readonly string[], given: readonly unknown[]): T {
  const [options, ...more] = given;
  if (isOptions(options) && more.every(each => each === undefined)) {
    checkOptionNames(options, names, caller);
    return options as T;
  }
  const values = isOptions(options) ? [] : given;
  throw new TfmotError(
    'invalid-argument',
    `${caller} takes its settings by name, in one object, but got ${given.map(showGiven).join(', ') || 'nothing'}. ` +
      `Call ${caller}({${names.map((name, i) => (i < values.length ? `${name}: ${showGiven(values[i])}` : name)).join(', ')}}).`,
  );
}

/**
 * Settings for a layer or a list of layers, which have no layers to choose among.
 *
 * @throws TfmotError `invalid-argument` for a function that gives each layer of a model its own.
 */
export function settingsForOne<T extends object>(options: T | ((layer: layers.Layer) => unknown)): T {
  if (typeof options !== 'function') return options;
  throw new TfmotError(
    'invalid-argument',
    'Settings given as a function are for whole models, but got a layer or a list. Pass an object.',
  );
}

/**
 * Checks that a function got nothing, or nothing more than its model.
 *
 * @param given What follows the arguments that the function has. Numbers pass, as the index that `map` gives does.
 * @throws TfmotError `invalid-argument` for options, text and objects of TensorFlow.js.
 */
export function checkNoOptions(caller: string, given: readonly unknown[], instead: string): void {
  const extra = given.find(each => isOptions(each) || typeof each === 'string');
  if (extra === undefined) return;
  throw new TfmotError('invalid-argument', `${caller} takes no options, but got ${showGiven(extra)}. ${instead}`);
}

function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

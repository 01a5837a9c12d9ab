import type {InputShapes} from '../../artifacts/open-model.ts';
import {TfmotError} from '../../errors.ts';
import type {Port} from '../../graph/graph.ts';
import {show} from '../../show.ts';
import {type Flow, flowing, tensorOf} from '../fold/site.ts';
import {hidesFirst, innerShape} from '../fold/value.ts';
import {inFileOrder, type Laid} from './layouts.ts';
import type {OnnxGraph, OnnxPort} from './read-model.ts';
import {ELEMENT_TYPES} from './schema.ts';

/**
 * Adds the inputs of a model to the graph. An open first size is the batch, which is one here; so is every other size of
 * the same name.
 *
 * @param inputShapes For inputs with other open sizes: shapes without a first dimension that is the batch.
 * @returns The inputs, and by their names what nodes read.
 * @throws TfmotError `unsupported-model` for open sizes, `invalid-argument` for shapes of inputs that there are not.
 */
export function inputValues(
  graph: OnnxGraph,
  flow: Flow,
  inputShapes: InputShapes,
): {readonly ports: readonly Port[]; readonly values: ReadonlyMap<string, Laid>} {
  const stored = new Set(graph.initializers.map(({name}) => name));
  // Before version 4 of the format initializers are inputs with a value.
  const inputs = graph.inputs.filter(({name}) => !stored.has(name));
  checkNames(inputs, inputShapes);
  const batches = new Set(inputs.map(({shape}) => shape?.[0]).filter(size => typeof size === 'string' && size !== ''));
  const values = new Map<string, Laid>();
  const ports = inputs.map((input): Port => {
    const own = Object.hasOwn(inputShapes, input.name) ? inputShapes[input.name]! : undefined;
    const shape = wholeShape(input, batches as ReadonlySet<string>, own);
    const id = flow.builder.input(input.name, innerShape(shape));
    const site = {...flow, name: input.name, op: 'input'};
    const value = flowing(site, id, shape, ELEMENT_TYPES[input.type]?.numbers ?? 'float');
    values.set(input.name, inFileOrder(value));
    return {name: input.name, tensor: tensorOf(site, value)};
  });
  return {ports, values};
}

function wholeShape(
  {name, shape}: OnnxPort,
  batches: ReadonlySet<string>,
  own: readonly number[] | undefined,
): number[] {
  // An input whose shape the file does not tell has the one that is given.
  const open = (shape ?? ['', ...(own ?? [''])]).map((size, axis) => {
    if (typeof size === 'number') return size;
    return axis === 0 || batches.has(size) ? 1 : null;
  });
  const first = open[0] === 1 ? 1 : 0;
  const sizes = own === undefined ? open.slice(first) : own;
  const whole = [...open.slice(0, first), ...sizes];
  const fits = whole.length === open.length && whole.every((size, axis) => size === open[axis] || open[axis] === null);
  if (fits && whole.every((size): size is number => Number.isSafeInteger(size) && size! > 0)) return whole;
  const known = open.slice(first).map(size => size ?? '?');
  throw new TfmotError(
    'unsupported-model',
    `Input '${name}' is [${known}]${hidesFirst([first]) ? ' behind the batch' : ''} and must have known sizes. Give them as inputShapes: {'${name}': [...]}${own === undefined ? '' : `, not ${show(own)}`}.`,
  );
}

/** Refuses shapes for inputs that the model does not have. */
function checkNames(inputs: readonly OnnxPort[], inputShapes: InputShapes): void {
  const names = inputs.map(({name}) => name);
  for (const [name, shape] of Object.entries(inputShapes)) {
    if (!names.includes(name))
      throw new TfmotError('invalid-argument', `inputShapes names '${name}', but the inputs are ${names.join(', ')}.`);
    if (!Array.isArray(shape))
      throw new TfmotError('invalid-argument', `inputShapes.${name} must be a list of sizes, but is ${show(shape)}.`);
  }
}

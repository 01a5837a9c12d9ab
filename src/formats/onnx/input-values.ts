import type {InputShapes} from '../../artifacts/open-model.ts';
import type {Port} from '../../graph/graph.ts';
import {type Flow, flowing, tensorOf} from '../fold/site.ts';
import {innerShape} from '../fold/value.ts';
import {checkInputNames, closedShape} from '../input-shapes.ts';
import {inFileOrder, type Laid} from './layouts.ts';
import type {OnnxGraph, OnnxPort} from './read-model.ts';
import {ELEMENT_TYPES} from './schema.ts';

/**
 * Adds the inputs of a model to the graph. An open first size is the batch, which is one here; so is every other size
 * of the same name.
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
  checkInputNames(
    inputs.map(({name}) => name),
    inputShapes,
  );
  const batches = new Set(inputs.map(({shape}) => shape?.[0]).filter(size => typeof size === 'string' && size !== ''));
  const values = new Map<string, Laid>();
  const ports = inputs.map((input): Port => {
    const shape = wholeShape(input, batches as ReadonlySet<string>, inputShapes);
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
  inputShapes: InputShapes,
): readonly number[] {
  // An input whose shape the file does not tell has the one that is given, behind a batch.
  const open = shape?.map((size, axis) => {
    if (typeof size === 'number') return size;
    return axis === 0 || batches.has(size) ? 1 : null;
  });
  if (open !== undefined && open[0] !== 1) return closedShape(name, open, inputShapes);
  return [1, ...closedShape(name, open?.slice(1), inputShapes)];
}

import type {InputShapes} from '../../artifacts/open-model.ts';
import {TfmotError} from '../../errors.ts';
import {type Flow, flowing} from '../fold/site.ts';
import {innerShape, type NumberKind, type Value} from '../fold/value.ts';
import {closedShape} from '../input-shapes.ts';
import type {TfliteGraph, TfliteTensor} from './read-model.ts';

/** An input of the model: a tensor of the graph, with the sizes that the file leaves open filled in. */
export function inputValue(flow: Flow, tensor: TfliteTensor, name: string, inputShapes: InputShapes): Value {
  const {shape, signature} = tensor;
  const open = (signature ?? shape).slice(1).map(size => (size === -1 ? null : size));
  const whole = shape.length === 0 ? [] : [shape[0]!, ...closedShape(name, open, inputShapes)];
  const id = flow.builder.input(name, innerShape(whole));
  return flowing({...flow, name, op: 'input'}, id, whole, kindOf(tensor));
}

/** What the numbers of a tensor are; levels stand for real numbers. */
export function kindOf({type, quantization}: TfliteTensor): NumberKind {
  if (type === 'bool') return 'bool';
  return type.startsWith('float') || quantization !== null ? 'float' : 'int';
}

/** Names of inputs or outputs: those of their tensors; `name:1`, `name:2` where one comes again. */
export function portNames({tensors}: TfliteGraph, indices: readonly number[], without: string): readonly string[] {
  const seen = new Map<string, number>();
  return indices.map(index => {
    const name = tensors[index]!.name || without;
    const repeat = seen.get(name) ?? 0;
    seen.set(name, repeat + 1);
    return repeat === 0 ? name : `${name}:${repeat}`;
  });
}

/**
 * The tensors that names mean.
 *
 * @throws TfmotError `invalid-argument` for a name that no tensor has.
 */
export function tensorsNamed({tensors}: TfliteGraph, names: readonly string[]): readonly number[] {
  const byName = new Map(tensors.map(({name}, index) => [name, index]));
  return names.map(name => {
    const index = byName.get(name);
    if (index !== undefined) return index;
    throw new TfmotError('invalid-argument', `cut names '${name}', but the model has no such tensor.`);
  });
}

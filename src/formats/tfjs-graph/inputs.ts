import type {InputShapes} from '../../artifacts/open-model.ts';
import type {Flow} from '../fold/site.ts';
import {innerShape, type Value} from '../fold/value.ts';
import {closedShape} from '../input-shapes.ts';
import {type Node, shapeOf, typeOf} from './nodes.ts';
import {numberKind} from './ops/elementwise.ts';
import type {PortNames} from './ports.ts';

/** What inputs are made from. */
interface Inputs extends Pick<Flow, 'builder'> {
  readonly names: PortNames;
  readonly inputShapes: InputShapes;
  /** The tensors of those made so far, by name. */
  readonly inputs: Map<string, number>;
}

/**
 * Adds an input of the model. Its first dimension is the batch, of one example, where it is open or 1.
 *
 * @throws TfmotError `unsupported-model` when sizes remain unknown.
 */
export function inputTensor({builder, names, inputShapes, inputs}: Inputs, node: Node): Value {
  const {name} = node;
  const sizes = shapeOf(node, 'shape') ?? names.inputs.get(name);
  const [batch, ...rest] = sizes ?? [-1];
  const hasBatch = sizes !== undefined && sizes.length > 0 && (batch! < 0 || batch === 1);
  const open = (hasBatch || sizes === undefined ? rest : sizes).map(size => (size < 0 ? null : size));
  const closed = closedShape(name, sizes === undefined ? undefined : open, inputShapes);
  const shape = hasBatch || sizes === undefined ? [1, ...closed] : closed;
  const id = builder.input(name, innerShape(shape));
  inputs.set(name, id);
  return {kind: 'tensor', id, shape, numbers: numberKind(typeOf(node, 'dtype'))};
}

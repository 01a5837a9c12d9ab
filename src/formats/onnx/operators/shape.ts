import {sizeOf} from '../../../graph/tensor.ts';
import {rangeOf} from '../../fold/arranged.ts';
import {type Constant, constantOf} from '../../fold/value.ts';
import {fileShape} from '../layouts.ts';
import {
  constantInput,
  intAttribute,
  integersInput,
  laidInput,
  misfit,
  type NodeImporter,
  numberInput,
  plain,
  unsupported,
} from './operator.ts';

/** The sizes of a value, from `start` to before `end`. */
export const shapeVector: NodeImporter = call => {
  const shape = fileShape(laidInput(call, 0));
  const sizes = shape.slice(intAttribute(call, 'start', 0), intAttribute(call, 'end', shape.length));
  return plain(constantOf(call.at.name, [sizes.length], sizes, 'int'));
};

export const size: NodeImporter = call =>
  plain(constantOf(call.at.name, [], [sizeOf(fileShape(laidInput(call, 0)))], 'int'));

/** What the file says: a tensor, or numbers among the attributes. */
export const constant: NodeImporter = call => {
  const {attributes} = call.node;
  const tensor = attributes.get('value')?.tensor;
  if (tensor !== undefined) return plain(call.constantOf(tensor));
  const one = (name: string, numbers: 'float' | 'int'): Constant | null => {
    const found = attributes.get(name);
    const single = numbers === 'float' ? found?.float : found?.int;
    if (single !== undefined) return constantOf(call.at.name, [], [single], numbers);
    const several = numbers === 'float' ? found?.floats : found?.ints;
    return several === undefined ? null : constantOf(call.at.name, [several.length], several, numbers);
  };
  const found =
    one('value_float', 'float') ?? one('value_int', 'int') ?? one('value_floats', 'float') ?? one('value_ints', 'int');
  if (found === null) throw unsupported(call, 'is no constant of numbers.');
  return plain(found);
};

/** Most elements of a constant that is not stored but described. */
const MAX_ELEMENTS = 2 ** 24;

/** One number everywhere. */
export const constantOfShape: NodeImporter = call => {
  const shape = integersInput(call, 0);
  const elements = sizeOf(shape);
  if (shape.some(length => length < 0) || !(elements <= MAX_ELEMENTS)) throw misfit(call, `would fill [${shape}].`);
  const tensor = call.node.attributes.get('value')?.tensor;
  const fill = tensor === undefined ? constantOf(call.at.name, [1], [0]) : call.constantOf(tensor);
  if (fill.data.length !== 1) throw misfit(call, `fills with ${fill.data.length} numbers, which must be one.`);
  const data = (fill.numbers === 'float' ? new Float32Array(elements) : new Float64Array(elements)).fill(fill.data[0]!);
  return plain(constantOf(call.at.name, shape, data, fill.numbers));
};

export const range: NodeImporter = call => {
  const [start, limit, step] = [numberInput(call, 0), numberInput(call, 1), numberInput(call, 2)];
  const {numbers} = constantInput(call, 0);
  if (!(Math.max(0, Math.ceil((limit - start) / step)) <= MAX_ELEMENTS))
    throw misfit(call, `counts from ${start} to ${limit} by ${step}.`);
  return plain({...rangeOf(call.at.name, start, limit, step, MAX_ELEMENTS), numbers});
};

import type {ReduceOp} from '../../../graph/ops/reduce.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {rangeOf, repeatedNumbers} from '../../fold/arranged.ts';
import {reduced, softmaxed} from '../../fold/compute.ts';
import {allocated} from '../../fold/numbers.ts';
import {numbersOf, unsupportedNode} from '../../fold/site.ts';
import {constantOf} from '../../fold/value.ts';
import {flagOf} from '../nodes.ts';
import {inputOf, type NodeImporter} from './node-call.ts';

const reduction =
  (kind: ReduceOp['kind']): NodeImporter =>
  call =>
    reduced(call, kind, inputOf(call, 0), numbersOf(call, call.inputs[1], 'axes'), flagOf(call.node, 'keep_dims'));

const softmax =
  (log: boolean): NodeImporter =>
  call =>
    softmaxed(call, inputOf(call, 0), -1, log);

const filled =
  (value: number): NodeImporter =>
  call => {
    const {shape, numbers} = inputOf(call, 0);
    return repeatedNumbers(
      constantOf(
        call.name,
        shape.map(() => 1),
        [value],
        numbers,
      ),
      shape,
    );
  };

/** Most numbers that a node may count. */
const MAX_RANGE = 2 ** 20;

/** What makes one number of many, and constants of sizes. */
export const COMPUTE: Readonly<Record<string, NodeImporter>> = {
  All: reduction('min'),
  Any: reduction('max'),
  Fill: call => {
    const shape = numbersOf(call, call.inputs[0], 'a shape');
    const value = inputOf(call, 1);
    if (value.kind !== 'constant') throw unsupportedNode(call, 'is filled with what is computed.');
    return repeatedNumbers({...value, shape: shape.map(() => 1)}, shape);
  },
  LogSoftmax: softmax(true),
  Max: reduction('max'),
  Mean: reduction('mean'),
  Min: reduction('min'),
  OnesLike: filled(1),
  Prod: reduction('product'),
  Range: call => {
    const [start, limit, step] = [0, 1, 2].map(i => numbersOf(call, call.inputs[i], 'bounds')[0] ?? 0);
    return rangeOf(call.name, start!, limit!, step!, MAX_RANGE);
  },
  Rank: call => constantOf(call.name, [], [inputOf(call, 0).shape.length], 'int'),
  Shape: call => {
    const {shape} = inputOf(call, 0);
    return constantOf(call.name, [shape.length], shape, 'int');
  },
  Size: call => constantOf(call.name, [], [sizeOf(inputOf(call, 0).shape)], 'int'),
  Softmax: softmax(false),
  SparseToDense: call => {
    const [places, shape, values, rest] = [0, 1, 2, 3].map(i => numbersOf(call, call.inputs[i], 'places and values'));
    if (shape!.length !== 1) throw unsupportedNode(call, 'makes a tensor of several dimensions.');
    const data = allocated(shape![0]!, false).fill(rest![0] ?? 0);
    places!.forEach((place, i) => {
      data[place] = values!.length === 1 ? values![0]! : values![i]!;
    });
    return constantOf(call.name, shape!, data);
  },
  Sum: reduction('sum'),
  ZerosLike: filled(0),
};

import type {ReduceOp} from '../../../graph/ops/reduce.ts';
import {reduced} from '../../fold/compute.ts';
import {mapped} from '../../fold/elementwise.ts';
import type {Unary} from '../../fold/numbers.ts';
import type {Value} from '../../fold/value.ts';
import {asFile, fileShape, type Laid, placeOfAxis} from '../layouts.ts';
import {axesFrom, intAttribute, integersGiven, laidInput, type NodeImporter} from './operator.ts';

/**
 * One number of all along some axes.
 *
 * @param before What is done to each number first.
 * @param after What is done to each result.
 */
export const reduce =
  (kind: ReduceOp['kind'], before?: Unary, after?: Unary): NodeImporter =>
  call => {
    const laid = laidInput(call, 0);
    const rank = fileShape(laid).length;
    const given = integersGiven(call, 'axes', 1) ?? [];
    const isNothing = given.length === 0 && intAttribute(call, 'noop_with_empty_axes', 0) !== 0;
    const axes = given.length > 0 ? axesFrom(call, given, rank) : laid.value.shape.map((_, axis) => axis);
    const keepDims = intAttribute(call, 'keepdims', 1) !== 0;
    const whole = (value: Value, places: readonly number[]): Value => {
      const ready = before === undefined ? value : mapped(call.at, before, value);
      const result = isNothing ? ready : reduced(call.at, kind, ready, places, keepDims);
      return after === undefined ? result : mapped(call.at, after, result);
    };
    if (keepDims || isNothing) {
      const places = axes.map(axis => placeOfAxis(laid, axis));
      return [{...laid, value: whole(laid.value, places)}];
    }
    return [lessDimensions(laid)];

    /** Where dimensions go, the order of the file decides; but of an image without its sides both orders are one. */
    function lessDimensions(given: Laid): Laid {
      const left = fileShape(given)
        .map((_, axis) => axis)
        .filter(axis => !axes.includes(axis));
      const same = given.isLast && !(left.includes(1) && left.some(axis => axis > 1));
      if (same)
        return {
          isLast: false,
          value: whole(
            given.value,
            axes.map(axis => placeOfAxis(given, axis)),
          ),
        };
      return {isLast: false, value: whole(asFile(call.at, call.turned, given), axes)};
    }
  };

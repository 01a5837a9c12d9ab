import {gathered, sliced} from '../../fold/arrange.ts';
import {constantOf} from '../../fold/value.ts';
import {fileShape, laidOut, placeOfAxis} from '../layouts.ts';
import {axesFrom, hasInput, integersGiven, integersInput, laidInput, misfit, type NodeImporter} from './operator.ts';

/** Part of a value: from `starts` to before `ends` along `axes`; attributes, from version 10 on inputs. */
export const slice: NodeImporter = call => {
  const laid = laidInput(call, 0);
  const shape = fileShape(laid);
  const [starts, ends] = [integersGiven(call, 'starts', 1), integersGiven(call, 'ends', 2)];
  if (starts === undefined || starts.length !== ends?.length) throw misfit(call, `cuts from [${starts}] to [${ends}].`);
  const axes = axesFrom(call, integersGiven(call, 'axes', 3) ?? starts.map((_, axis) => axis), shape.length);
  const steps = hasInput(call, 4) ? integersInput(call, 4) : starts.map(() => 1);
  if (axes.length !== starts.length || steps.length !== starts.length || steps.includes(0))
    throw misfit(call, `cuts [${shape}] along [${axes}] by [${steps}].`);
  const begin = shape.map(() => 0);
  const size = [...shape];
  const strides = shape.map(() => 1);
  axes.forEach((axis, i) => {
    const length = shape[axis]!;
    const step = steps[i]!;
    const first = placeIn(starts[i]!, length, step);
    const last = placeIn(ends[i]!, length, step);
    begin[axis] = first;
    size[axis] = Math.max(0, Math.ceil((last - first) / step));
    strides[axis] = step;
  });
  const backwards = strides.map((stride, axis) => (stride < 0 && laid.value.kind === 'tensor' ? axis : -1));
  const turned = backwards.filter(axis => axis >= 0);
  for (const axis of turned) [begin[axis], size[axis], strides[axis]] = [0, shape[axis]!, 1];
  const forwards = sliced(call.at, laid.value, laidOut(laid, begin), laidOut(laid, size), laidOut(laid, strides));
  // What is computed is turned around place by place.
  const value = turned.reduce((current, axis) => {
    const i = axes.indexOf(axis);
    const places = placesFrom(starts[i]!, ends[i]!, steps[i]!, shape[axis]!);
    const indices = constantOf('places', [places.length], places, 'int');
    return gathered(call.at, current, indices, placeOfAxis(laid, axis));
  }, forwards);
  return [{...laid, value}];
};

function placesFrom(start: number, end: number, step: number, length: number): number[] {
  const [first, last] = [placeIn(start, length, step), placeIn(end, length, step)];
  return Array.from({length: Math.max(0, Math.ceil((last - first) / step))}, (_, i) => first + i * step);
}

/**
 * A start or an end as a place: negative from the end, and no farther out than a step forwards or backwards may begin.
 */
function placeIn(given: number, length: number, step: number): number {
  const place = given < 0 ? given + length : given;
  return step > 0 ? Math.min(Math.max(place, 0), length) : Math.min(Math.max(place, -1), length - 1);
}

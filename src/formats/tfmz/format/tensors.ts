import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {elementsOf} from './elements.ts';
import type {Tensor} from './weights-section.ts';

/**
 * Where each weight lies: one after another, in the order of `specs`.
 *
 * @param stringBytes Bytes each string weight takes, in order.
 */
export function placeTensors(specs: readonly WeightSpec[], stringBytes: readonly number[]): Tensor[] {
  let at = 0;
  let strings = 0;
  return specs.map(spec => {
    const elements = elementsOf(spec, spec.dtype === 'string' ? (stringBytes[strings++] ?? 0) : 0);
    const from = at;
    at += elements.count * elements.size;
    return {spec, elements, place: {from, to: at}};
  });
}

import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {placeSpecs} from '../../../artifacts/specs.ts';
import {elementsOf} from './elements.ts';
import type {CodedTensor} from './weights-section.ts';

/**
 * Where each weight lies: one after another, in the order of `specs`.
 *
 * @param stringBytes Bytes each string weight takes, in order.
 */
export function placeTensors(specs: readonly WeightSpec[], stringBytes: readonly number[]): CodedTensor[] {
  let strings = 0;
  return placeSpecs(specs, () => stringBytes[strings++] ?? 0).map(({spec, from, to}) => ({
    spec,
    elements: elementsOf(spec, to - from),
    place: {from, to},
  }));
}

import type {NamedWeight} from '../artifacts/open-model.ts';
import {PRUNED_ROLES} from '../artifacts/roles.ts';
import {reasonToKeep} from '../artifacts/selection.ts';
import {countNonZeros} from '../masks/statistics.ts';
import type {WeightFacts} from './facts.ts';
import {histogramOf} from './histogram.ts';
import {thumbnailOf} from './thumbnail.ts';

/** The facts of one weight. Decodes it once. */
export function weightFacts(weight: NamedWeight): WeightFacts {
  const {name, shape, dtype, uses} = weight;
  const values = weight.values();
  const kept = reasonToKeep(weight, PRUNED_ROLES);
  const [use] = uses;
  const mask = kept === null ? thumbnailOf(values, shape) : undefined;
  const histogram = uses.length > 0 ? histogramOf(values) : undefined;
  return {
    name,
    ...(use && {layer: use.layer, className: use.className, role: use.role}),
    ...{shape, dtype, elements: values.length, nonZeros: countNonZeros(values)},
    ...(kept !== null && {kept}),
    ...(histogram && {histogram}),
    ...(mask && {mask}),
  };
}

import type {WeightFacts} from '../facts.ts';

/** The weights with the most elements, which say most, in the order of the model; at most so many. */
export function largest(weights: readonly WeightFacts[], most: number): readonly WeightFacts[] {
  const chosen = new Set([...weights].sort((a, b) => b.elements - a.elements).slice(0, most));
  return weights.filter(weight => chosen.has(weight));
}

/** The weights that are pruned, and whose masks can be drawn. */
export function prunedWeights(weights: readonly WeightFacts[]): readonly WeightFacts[] {
  return weights.filter(({mask, elements, nonZeros}) => mask !== undefined && nonZeros < elements);
}

import type {LossyModel, QuantizedModel, QuantizerOf} from '../oneshot/quantize-model.ts';
import {rootMeanSquare} from '../quantizers/quantize-weight.ts';

/** Quantises a model's weights as a function says. */
export type Quantize = (quantizerOf: QuantizerOf) => Promise<QuantizedModel>;

/** Judges a quantised model: its metric, and whether that is good enough. */
export type Judge = (model: QuantizedModel) => Promise<{readonly metric: number; readonly accepted: boolean}>;

/** Steps tried, as shares of a weight's root mean square: 2, then finer by the root of two, to 1/64. */
const RUNGS = 15;
const COARSER = Math.SQRT2;
/** How often one weight's step, and then lambda, is raised at most. */
const RAISES = 4;
/** Vectors, biases above all, reach every output: they start with finer steps than kernels. */
const VECTOR_SHARE = 1 / 4;

/**
 * The coarsest steps that `judge` accepts: one share of each weight's root mean square for all first, by bisection,
 * then weight by weight from the largest on, then lambda. Judges about 20 models.
 *
 * @returns The unquantised model, without a metric, when nothing is accepted.
 */
export async function coarsest(
  lossy: LossyModel,
  lambda: number,
  quantize: Quantize,
  judge: Judge,
): Promise<{model: QuantizedModel; metric?: number}> {
  const deviations = new Map(lossy.weights.map(({name, values}) => [name, rootMeanSquare(values)]));
  const build = (shares: ReadonlyMap<string, number>, rate: number): Promise<QuantizedModel> => {
    const quantizerOf: QuantizerOf = ({name, rank}) => {
      const step = deviations.get(name)! * shares.get(name)! * (rank < 2 ? VECTOR_SHARE : 1);
      return step === 0 ? undefined : {method: 'step', step, lambda: rate};
    };
    return quantize(quantizerOf);
  };
  const uniform = (rung: number): Map<string, number> =>
    new Map(lossy.weights.map(({name}) => [name, 2 * COARSER ** -rung]));

  let best: {model: QuantizedModel; metric?: number} = {model: await quantize(() => undefined)};
  let tooCoarse = -1;
  let fineEnough = RUNGS;
  while (fineEnough - tooCoarse > 1) {
    const rung = (fineEnough + tooCoarse) >> 1;
    const model = await build(uniform(rung), lambda);
    const {metric, accepted} = await judge(model);
    if (accepted) {
      fineEnough = rung;
      best = {model, metric};
    } else {
      tooCoarse = rung;
    }
  }
  if (best.metric === undefined) return best;

  let shares = uniform(fineEnough);
  const attempt = async (candidate: Map<string, number>, rate: number): Promise<boolean> => {
    const model = await build(candidate, rate);
    const {metric, accepted} = await judge(model);
    if (accepted) best = {model, metric};
    return accepted;
  };
  const bySize = [...lossy.weights].sort((a, b) => b.values.length - a.values.length);
  for (const {name} of bySize) {
    for (let raise = 0; raise < RAISES; raise++) {
      const candidate = new Map(shares).set(name, shares.get(name)! * COARSER);
      if (!(await attempt(candidate, lambda))) break;
      shares = candidate;
    }
  }
  let rate = Math.max(lambda, 0.05);
  for (let raise = 0; raise < RAISES; raise++) {
    rate *= COARSER;
    if (!(await attempt(shares, rate))) break;
  }
  return best;
}

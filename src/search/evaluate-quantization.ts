import {artifactsOf, type ModelArtifacts, type SavableModel} from '../artifacts/artifacts.ts';
import type {Metric} from '../artifacts/metric.ts';
import {SELECTION_NAMES, selectWeights} from '../artifacts/selection.ts';
import {TfmotError} from '../errors.ts';
import {openArtifacts} from '../formats/open-artifacts.ts';
import {FLOAT_BITS, type QuantizationMethod, simulateQuantization} from '../oneshot/simulate.ts';
import {checkOptionNames} from '../option-names.ts';

/** What `evaluateQuantization` tries. */
export interface EvaluateQuantizationOptions extends QuantizationMethod {
  /**
   * Bits to try on all weights, one row each; or `auto`: for each weight the fewest that keep the metric within
   * `tolerance`, found from the largest weight to the smallest, which gives one row.
   */
  readonly bits?: readonly number[] | 'auto';
  /** With `auto`: how much below the unquantised model the metric may fall. */
  readonly tolerance?: number;
}

/** One way to quantise the model. */
export interface QuantizationRow {
  /** Of all weights, or of each by name; 32 where a weight has to stay float32. */
  readonly bits: number | Readonly<Record<string, number>>;
  readonly metric: number;
  /** What the weights take when packed, before any entropy coding. */
  readonly bytes: number;
}

/** What quantisation costs and saves. */
export interface QuantizationTable {
  /** The metric and bytes of the model as it is. */
  readonly original: {readonly metric: number; readonly bytes: number};
  readonly rows: readonly QuantizationRow[];
}

const ALL_BITS = [8, 7, 6, 5, 4, 3, 2] as const;

/**
 * Measures a model at several widths of its weights, so that you can pick one.
 *
 * @param model A live model or artifacts; not changed.
 * @param metric Judges a model; `metricOf(model, {xs, ys})` makes one from data and what the model is compiled with.
 * @throws TfmotError `invalid-argument` for bits or a tolerance that make no sense, or a metric that is not a number.
 *
 * @example
 * const metric = tfmot.quantization.metricOf(model, {xs, ys});
 * const {original, rows} = await tfmot.quantization.evaluateQuantization(model, metric, {bits: [8, 6, 4, 3]});
 * const {rows: [best]} = await tfmot.quantization.evaluateQuantization(model, metric, {bits: 'auto', tolerance: 0.001});
 */
export async function evaluateQuantization(
  model: SavableModel | ModelArtifacts,
  metric: Metric,
  options: EvaluateQuantizationOptions = {},
): Promise<QuantizationTable> {
  checkOptionNames(options, ['bits', 'tolerance', 'method', ...SELECTION_NAMES], 'evaluateQuantization');
  const {bits = ALL_BITS, tolerance = 0} = options;
  if (!(tolerance >= 0)) {
    throw new TfmotError('invalid-argument', `tolerance must be at least 0, but is ${tolerance}.`);
  }
  const artifacts = await artifactsOf(model);
  const original = await rowOf(artifacts, {}, metric, options);
  const rows: QuantizationRow[] = [];
  if (bits === 'auto') rows.push(await fewestBits(artifacts, metric, original.metric - tolerance, options));
  else for (const width of bits) rows.push(await rowOf(artifacts, width, metric, options));
  return {original: {metric: original.metric, bytes: original.bytes}, rows};
}

/** Lowers one weight's bits until the metric falls below `least`, goes one back, and turns to the next weight. */
async function fewestBits(
  artifacts: ModelArtifacts,
  metric: Metric,
  least: number,
  options: QuantizationMethod,
): Promise<QuantizationRow> {
  const {selected} = selectWeights(openArtifacts(artifacts).weights, options);
  const bySize = [...selected].sort((a, b) => b.bytes().length - a.bytes().length).map(({name}) => name);
  let best = await rowOf(artifacts, Object.fromEntries(bySize.map(name => [name, FLOAT_BITS])), metric, options);
  for (const name of bySize) {
    for (const width of ALL_BITS) {
      const row = await rowOf(artifacts, {...(best.bits as Record<string, number>), [name]: width}, metric, options);
      if (row.metric < least) break;
      best = row;
    }
  }
  return best;
}

async function rowOf(
  artifacts: ModelArtifacts,
  bits: QuantizationRow['bits'],
  metric: Metric,
  options: QuantizationMethod,
): Promise<QuantizationRow> {
  const {artifacts: simulated, bytes} = await simulateQuantization(artifacts, bits, methodOf(options));
  const value = await metric(simulated);
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw new TfmotError('invalid-argument', `The metric must return a number, but returned ${value}.`);
  }
  return {bits, metric: value, bytes};
}

/** What the simulation takes of the options. */
function methodOf({method, exclude, include}: QuantizationMethod): QuantizationMethod {
  return {...(method && {method}), ...(exclude && {exclude}), ...(include && {include})};
}

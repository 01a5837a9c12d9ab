import {TfmotError} from '../../errors.ts';
import {checkOptionNames} from '../../option-names.ts';
import type {CentroidInitialization} from '../../quantizers/centroids/initial.ts';
import {show} from '../../show.ts';
import {centroidInitialization} from '../centroid-initialization.ts';
import type {GradientAggregation} from './lookup.ts';

/** How a layer is clustered. */
export interface ClusteringParams {
  /** How many different values each weight may have: at least 2, and at least 3 where zeros are kept. */
  readonly numberOfClusters: number;
  /** How the centroids start; `'KMEANS_PLUS_PLUS'` by default. See `centroidInitialization`. */
  readonly clusterCentroidsInit?: CentroidInitialization;
  /** Whether zeros stay zero, with a centroid of their own; false by default. */
  readonly preserveSparsity?: boolean;
  /** Whether every output channel of a two-dimensional convolution has centroids of its own; false by default. */
  readonly clusterPerChannel?: boolean;
  /** Whether a centroid moves by the sum of its weights' gradients, as by default, or by their mean. */
  readonly clusterGradientAggregation?: GradientAggregation;
  /**
   * What is done to centroids before training: none by default, as in the Python toolkit, rounds in which each moves to
   * the mean of its weights, or `'exact'` for the least squared error there is.
   */
  readonly iterations?: number | 'exact';
  /** Seed of the k-means++ and random draws; 9 by default, that of the Python toolkit. */
  readonly seed?: number;
}

/** Checked settings, with defaults filled in. */
export type ClusteringSettings = Required<ClusteringParams> & {readonly init: CentroidInitialization};

/** The names of {@link ClusteringParams}. */
export const CLUSTERING_PARAMS: readonly string[] = [
  'numberOfClusters',
  'clusterCentroidsInit',
  'preserveSparsity',
  'clusterPerChannel',
  'clusterGradientAggregation',
  'iterations',
  'seed',
] satisfies readonly (keyof ClusteringParams)[];

const AGGREGATIONS: readonly string[] = ['SUM', 'AVG'] satisfies readonly GradientAggregation[];

/**
 * Checks the settings of a layer.
 *
 * @param caller Whose they are, as the message says it.
 * @param names All that `caller` knows.
 * @throws TfmotError `invalid-argument`.
 */
export function clusteringSettings(
  params: ClusteringParams,
  caller: string,
  names: readonly string[] = CLUSTERING_PARAMS,
): ClusteringSettings {
  if (typeof params !== 'object' || params === null) {
    throw wrong(`Clustering settings must be an object {numberOfClusters, ...}, but got ${show(params)}.`);
  }
  checkOptionNames(params, names, caller);
  const {
    numberOfClusters,
    clusterCentroidsInit = 'KMEANS_PLUS_PLUS',
    preserveSparsity = false,
    clusterPerChannel = false,
    clusterGradientAggregation = 'SUM',
    iterations = 0,
    seed = 9,
  } = params;
  checkFlag('preserveSparsity', preserveSparsity);
  checkFlag('clusterPerChannel', clusterPerChannel);
  const least = preserveSparsity ? 3 : 2;
  if (!Number.isSafeInteger(numberOfClusters) || numberOfClusters < least) {
    throw wrong(
      `numberOfClusters must be a whole number, at least ${least}${preserveSparsity ? ' with preserveSparsity' : ''}, but got ${show(numberOfClusters)}.`,
    );
  }
  checkOneOf('clusterCentroidsInit', clusterCentroidsInit, Object.keys(centroidInitialization));
  checkOneOf('clusterGradientAggregation', clusterGradientAggregation, AGGREGATIONS);
  if (iterations !== 'exact' && !isCount(iterations)) {
    throw wrong(`iterations must be a whole number, at least 0, or 'exact', but got ${show(iterations)}.`);
  }
  if (!isCount(seed)) throw wrong(`seed must be a whole number, at least 0, but got ${show(seed)}.`);
  return {
    numberOfClusters,
    clusterCentroidsInit,
    init: clusterCentroidsInit,
    preserveSparsity,
    clusterPerChannel,
    clusterGradientAggregation,
    iterations,
    seed,
  };
}

function checkFlag(name: string, value: unknown): void {
  if (typeof value !== 'boolean') throw wrong(`${name} must be true or false, but got ${show(value)}.`);
}

function checkOneOf(name: string, value: unknown, known: readonly string[]): void {
  if (typeof value === 'string' && known.includes(value)) return;
  throw wrong(`${name} must be one of ${known.join(', ')}, but got ${show(value)}.`);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function wrong(message: string): TfmotError {
  return new TfmotError('invalid-argument', message);
}

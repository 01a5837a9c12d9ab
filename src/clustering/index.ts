export type {SkippedLayer} from '../live/skipped-layer.ts';
export type {CentroidInitialization} from '../quantizers/centroids/initial.ts';
export {
  type CentroidRecord,
  type ClusteringRecord,
  type ClusteringSummaries,
  clusteringSummaries,
} from './callbacks/clustering-summaries.ts';
export {type ReseedEmptyClusters, reseedEmptyClusters} from './callbacks/reseed-empty-clusters.ts';
export {centroidInitialization} from './centroid-initialization.ts';
export {type ClusterEach, clusterWeights} from './cluster-weights.ts';
export {stripClustering} from './strip-clustering.ts';
export {type ClusteredWeightSummary, type ClusteringSummary, summarize} from './summarize.ts';
export {ClusterWeights} from './wrapper/cluster-weights-layer.ts';
export type {ClusterableLayer} from './wrapper/clusterable-layer.ts';
export type {ClusteredWeight} from './wrapper/clustered-weight.ts';
export type {GradientAggregation} from './wrapper/lookup.ts';
export type {ClusteringParams} from './wrapper/settings.ts';
export type {ClusterWeightsArgs} from './wrapper/wrapper-config.ts';

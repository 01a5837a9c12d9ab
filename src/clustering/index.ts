export {centroidInitialization} from './centroid-initialization.ts';
export {type ClusterEach, clusterWeights} from './cluster-weights.ts';
export {stripClustering} from './strip-clustering.ts';
export {ClusterWeights} from './wrapper/cluster-weights-layer.ts';
export type {ClusterableLayer} from './wrapper/clusterable-layer.ts';
export type {ClusteredWeight} from './wrapper/clustered-weight.ts';
export type {ClusteringParams} from './wrapper/settings.ts';
export type {ClusterWeightsArgs} from './wrapper/wrapper-config.ts';

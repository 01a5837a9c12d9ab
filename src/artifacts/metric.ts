import type {ModelArtifacts} from './artifacts.ts';

/** How good a model is: larger is better. For a loss, its negative. */
export type Metric = (artifacts: ModelArtifacts) => number | Promise<number>;

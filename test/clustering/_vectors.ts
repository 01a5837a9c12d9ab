import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {CentroidInitialization} from '../../src/quantizers/centroids/initial.ts';

/** A tensor in the vectors. */
export interface Stored {
  readonly shape: number[];
  readonly data: number[];
}

/** The state of one layer: its weights, and the states of its clusters. */
export type LayerState = Readonly<Record<string, Stored>>;

export interface InitCase {
  readonly kind: 'init';
  readonly id: string;
  readonly init: string;
  readonly clusters: number;
  readonly preserveSparsity: boolean;
  readonly perChannel: boolean;
  readonly weights: Stored;
  /** Missing where the toolkit fails. */
  readonly centroids?: Stored;
}

export interface AssignCase {
  readonly kind: 'assign';
  readonly id: string;
  readonly perChannel: boolean;
  readonly weights: Stored;
  readonly centroids: Stored;
  readonly indices: Stored;
}

export interface GradientCase {
  readonly kind: 'gradient';
  readonly id: string;
  readonly aggregation: 'SUM' | 'AVG';
  readonly perChannel: boolean;
  readonly weights: Stored;
  readonly centroids: Stored;
  readonly upstream: Stored;
  readonly clustered: Stored;
  readonly gradCentroids: Stored;
  readonly gradWeights: Stored;
}

export interface TraceCase {
  readonly kind: 'trace';
  readonly id: string;
  readonly layers: readonly {className: string; name: string; config: Readonly<Record<string, unknown>>}[];
  readonly clusters: number;
  readonly init: string;
  readonly aggregation: 'SUM' | 'AVG';
  readonly preserveSparsity: boolean;
  readonly perChannel: boolean;
  readonly optimizer: {readonly learningRate: number; readonly momentum: number};
  readonly x: Stored;
  readonly y: Stored;
  readonly initialWeights: Readonly<Record<string, Stored>>;
  readonly start: Readonly<Record<string, LayerState>>;
  readonly steps: readonly {
    loss: number;
    forwardWeights?: Readonly<Record<string, Stored>>;
    after: Readonly<Record<string, LayerState>>;
  }[];
  /** The weights that are left, by their last names; those of the last layer of a name. */
  readonly stripped: Readonly<Record<string, Stored>>;
  readonly predictions: Stored;
}

type Case = InitCase | AssignCase | GradientCase | TraceCase;

/** What the Python toolkit computed: see tools/parity/README.md. */
const {cases} = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/clustering/clustering-vectors.json'), 'utf8'),
) as {cases: readonly Case[]};

/** The cases of one kind. */
export function casesOf<K extends Case['kind']>(kind: K): readonly Extract<Case, {kind: K}>[] {
  return cases.filter((each): each is Extract<Case, {kind: K}> => each.kind === kind);
}

/** The name of an initialisation, from that in the vectors. */
export function initOf(name: string): CentroidInitialization {
  const names: Readonly<Record<string, CentroidInitialization>> = {
    linear: 'LINEAR',
    'density-based': 'DENSITY_BASED',
    'kmeans++': 'KMEANS_PLUS_PLUS',
  };
  return names[name]!;
}

/** The values of one channel, the last axis. */
export function channelOf({shape, data}: Stored, channel: number): Float32Array {
  const channels = shape.at(-1)!;
  return Float32Array.from(data.filter((_, i) => i % channels === channel));
}

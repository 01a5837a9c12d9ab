import type {Logs} from '@tensorflow/tfjs-layers';
import {checkNoOptions} from '../../live/call.ts';
import type {ClusteredWeight} from '../wrapper/clustered-weight.ts';
import {membersOf} from '../wrapper/members.ts';
import {ClusteringCallback} from './clustering-callback.ts';

/** The centroids of one weight. */
export interface CentroidRecord {
  /** All centroids, one channel after the other where channels have their own. */
  readonly centroids: Float32Array;
  /** How many values each stood for at the last pass. */
  readonly members: Uint32Array;
}

/** The centroids of a model at one moment of its training. */
export interface ClusteringRecord {
  /** Epochs done in all trainings that the callback saw; 0 at the beginning. */
  readonly epochs: number;
  /** By the saved names of the centroids. */
  readonly weights: Readonly<Record<string, CentroidRecord>>;
}

/** Records how centroids move. Make it with {@link clusteringSummaries}. */
export class ClusteringSummaries extends ClusteringCallback {
  protected override readonly maker = 'clusteringSummaries()';
  /** One record at train begin and one after each epoch, over all trainings that this callback saw. */
  readonly records: ClusteringRecord[];
  private epochs: number;

  constructor() {
    super();
    this.records = [];
    this.epochs = 0;
  }

  override async onTrainBegin(): Promise<void> {
    await super.onTrainBegin();
    this.records.push(await this.record());
  }

  override async onEpochEnd(_epoch?: number, logs?: Logs): Promise<void> {
    this.epochs++;
    const now = await this.record();
    this.records.push(now);
    if (!logs) return;
    for (const [name, {members}] of Object.entries(now.weights)) {
      logs[`${name}/used`] = members.filter(count => count > 0).length;
    }
  }

  private async record(): Promise<ClusteringRecord> {
    const weights: Record<string, CentroidRecord> = {};
    for (const weight of this.clusteredWeights()) weights[weight.centroids.originalName] = await recordOf(weight);
    return {epochs: this.epochs, weights};
  }
}

/**
 * A callback that records the centroids of every clustered weight and how many values each stands for, at train begin
 * and after each epoch, and puts the number of centroids in use into the logs, and so into the history that `fit`
 * returns. Training does not need it, except to go on with a loaded Adam bit for bit.
 *
 * @example
 * const summaries = clusteringSummaries();
 * await clustered.fit(xs, ys, {callbacks: [summaries]});
 * summaries.records.at(-1).weights['cluster_dense/cluster_centroids_kernel'].centroids; // Float32Array
 */
export function clusteringSummaries(): ClusteringSummaries;
export function clusteringSummaries(...options: unknown[]): ClusteringSummaries {
  checkNoOptions(
    'clusteringSummaries()',
    options,
    'It writes no files: read its records, or the history that fit returns.',
  );
  return new ClusteringSummaries();
}

async function recordOf(weight: ClusteredWeight): Promise<CentroidRecord> {
  const centroids = (await weight.centroids.read().data()) as Float32Array;
  const indices = (await weight.indices.read().data()) as Int32Array;
  return {centroids: centroids.slice(), members: membersOf(indices, weight.layout)};
}

import {checkNoOptions} from '../../live/call.ts';
import {ClusteringCallback} from './clustering-callback.ts';

/** Puts centroids without values to use. Make it with {@link reseedEmptyClusters}. */
export class ReseedEmptyClusters extends ClusteringCallback {
  protected override readonly maker = 'reseedEmptyClusters()';

  override async onEpochEnd(_epoch?: number): Promise<void> {
    for (const weight of this.clusteredWeights()) await weight.fillEmpty();
  }
}

/**
 * A callback that moves, after every epoch, each centroid that stands for no value to the value that is farthest from
 * its own centroid. Without it such a centroid has no gradient, and stays unused unless weights come near it.
 *
 * @example
 * await clustered.fit(xs, ys, {epochs: 3, callbacks: [reseedEmptyClusters()]});
 */
export function reseedEmptyClusters(): ReseedEmptyClusters;
export function reseedEmptyClusters(...options: unknown[]): ReseedEmptyClusters {
  checkNoOptions('reseedEmptyClusters()', options, 'Pass it in the callbacks of fit.');
  return new ReseedEmptyClusters();
}

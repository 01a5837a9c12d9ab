/** How the centroids of a weight lie over it: one set for all of it, or one for each of its channels. */
export interface ClusterLayout {
  readonly shape: readonly number[];
  readonly clusters: number;
  /** How many sets of centroids there are. */
  readonly channels: number;
  /** How many values lie between two channels of one row: the product of the axes behind the channels. */
  readonly inner: number;
}

/** @param channelAxis The axis with a set of centroids for each index; one set for all where there is none. */
export function clusterLayout(shape: readonly number[], clusters: number, channelAxis?: number): ClusterLayout {
  if (channelAxis === undefined) return {shape, clusters, channels: 1, inner: 1};
  const inner = shape.slice(channelAxis + 1).reduce((product, size) => product * size, 1);
  return {shape, clusters, channels: shape[channelAxis]!, inner};
}

/** The shape of the centroids: `[clusters]`, or `[channels, clusters]`. */
export function centroidShape({clusters, channels}: ClusterLayout, perChannel: boolean): number[] {
  return perChannel ? [channels, clusters] : [clusters];
}

/** How many values share one set of centroids. */
export function valuesPerSet({shape, channels}: ClusterLayout): number {
  return shape.reduce((product, size) => product * size, 1) / channels;
}

/** The values of every channel, in the order of the weight. */
export function byChannel(values: Float32Array, {channels, inner}: ClusterLayout): readonly Float32Array[] {
  if (channels === 1) return [values];
  const split = Array.from({length: channels}, () => new Float32Array(values.length / channels));
  const filled = new Uint32Array(channels);
  for (let i = 0; i < values.length; i++) {
    const channel = Math.floor(i / inner) % channels;
    split[channel]![filled[channel]!++] = values[i]!;
  }
  return split;
}

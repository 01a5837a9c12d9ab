import type {ClusterLayout} from './layout.ts';

/** How many values each centroid stands for, one channel after the other. */
export function membersOf(indices: Int32Array, {channels, inner, clusters}: ClusterLayout): Uint32Array {
  const members = new Uint32Array(channels * clusters);
  for (let i = 0; i < indices.length; i++) members[(Math.floor(i / inner) % channels) * clusters + indices[i]!]!++;
  return members;
}

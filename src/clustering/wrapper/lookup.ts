import {
  abs,
  add,
  argMin,
  bincount,
  concat,
  customGrad,
  divNoNan,
  gatherND,
  getBackend,
  mul,
  range,
  reshape,
  slice,
  sub,
  type Tensor,
  type Tensor1D,
  tensor1d,
  tidy,
  unsortedSegmentSum,
} from '@tensorflow/tfjs-core';
import type {ClusterLayout} from './layout.ts';

/** How the gradient of a centroid follows from those of its weights. */
export type GradientAggregation = 'SUM' | 'AVG';

/** Distances computed at once: 64 MB of them. */
const DISTANCES = 2 ** 24;

/**
 * The index of the centroid nearest to each value of a weight, the first of equally near ones; int32, in the weight's
 * shape. Takes memory in proportion to the weight, not to its product with the clusters.
 */
export function nearestCentroids(weight: Tensor, centroids: Tensor, layout: ClusterLayout): Tensor {
  return tidy(() => {
    const {clusters, channels, inner} = layout;
    // Of one set, two axes are enough, which broadcast fastest.
    const tail = channels === 1 ? [] : [channels, inner];
    const rows = weight.size / (channels * inner);
    const values = reshape(weight, [rows, ...tail, 1]);
    const sets = reshape(centroids, channels === 1 ? [1, clusters] : [1, channels, 1, clusters]);
    const atOnce = Math.max(1, Math.floor(DISTANCES / (channels * inner * clusters)));
    const parts: Tensor[] = [];
    for (let row = 0; row < rows; row += atOnce) {
      parts.push(
        tidy(() => {
          const count = Math.min(atOnce, rows - row);
          const some = count === rows ? values : slice(values, [row, ...tail.map(() => 0), 0], [count, ...tail, 1]);
          return argMin(abs(sub(some, sets)), tail.length + 1);
        }),
      );
    }
    return reshape(parts.length === 1 ? parts[0]! : concat(parts), weight.shape);
  });
}

/** The centroid that every index stands for. */
export function centroidsAt(indices: Tensor, centroids: Tensor, layout: ClusterLayout): Tensor {
  return tidy(() => {
    const places = reshape(placesOf(indices, layout), [indices.size, 1]);
    return reshape(gatherND(reshape(centroids, [centroids.size]), places), indices.shape);
  });
}

/** How {@link clustered} looks up and passes gradients. */
export interface LookupOptions {
  readonly layout: ClusterLayout;
  readonly aggregation: GradientAggregation;
  /** The centroid of each value. What it computes is not recorded for the gradient. */
  readonly indicesOf: () => Tensor;
  /** Ones, and zeros where the weight is held at zero and has no gradient. */
  readonly mask?: Tensor;
}

/**
 * The centroids in place of a weight's values. Its gradient reaches the weight as if the weight itself had been used,
 * and each centroid as the sum or mean over the values that it stands for.
 */
export function clustered(weight: Tensor, centroids: Tensor, options: LookupOptions): Tensor {
  const {layout, aggregation, indicesOf, mask} = options;
  const lookUp = customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const indices = indicesOf();
    save([indices, ...(mask === undefined ? [] : [mask])]);
    return {
      value: centroidsAt(indices, centroids, layout),
      gradFunc: (upstream: Tensor | Tensor[], [members, kept]: Tensor[]) => {
        const gradient = upstream as Tensor;
        return [
          kept === undefined ? gradient.clone() : mul(gradient, kept),
          reshape(overMembers(gradient, members!, layout, aggregation), centroids.shape),
        ];
      },
    };
  });
  return lookUp(weight, centroids);
}

function overMembers(
  gradient: Tensor,
  indices: Tensor,
  layout: ClusterLayout,
  aggregation: GradientAggregation,
): Tensor {
  const places = reshape(placesOf(indices, layout), [indices.size]) as Tensor1D;
  const count = layout.channels * layout.clusters;
  const sums = sumsAt(reshape(gradient, [gradient.size]) as Tensor1D, places, count);
  return aggregation === 'SUM' ? sums : divNoNan(sums, bincount(places, tensor1d([]), count));
}

/** The sum of the values at each place. */
function sumsAt(values: Tensor1D, places: Tensor1D, count: number): Tensor {
  // On the GPU, bincount reads its input back. Everywhere else it is the fastest, and the stock wasm backend has no
  // other.
  return getBackend() === 'webgl' ? unsortedSegmentSum(values, places, count) : bincount(places, values, count);
}

/** Indices into all sets of centroids, one behind the other. */
function placesOf(indices: Tensor, {channels, inner, clusters}: ClusterLayout): Tensor {
  if (channels === 1) return indices;
  const starts = reshape(range(0, channels * clusters, clusters, 'int32'), [1, channels, 1]);
  return add(reshape(indices, [indices.size / (channels * inner), channels, inner]), starts);
}

/** How a model of the table is trained anew from a dense one, by `npm run bench:size -- --full`. */
export interface Recipe {
  /** The name of its file in `bench/results/size/`. */
  readonly name: string;
  readonly title: string;
  /** One of the architectures of `examples/mnist/models.ts`. */
  readonly architecture: string;
  /** Final sparsity of each kernel, in the order of the layers. */
  readonly sparsity: readonly number[];
  /** No dense steps: the dense model is the one that `npm run demo` trains. */
  readonly steps: {readonly dense: number; readonly pruning: number};
  readonly batchSize: number;
  readonly learningRate: {readonly dense: number; readonly pruning: number};
  /** Points of accuracy on the calibration images that coding may cost. */
  readonly tolerance: number;
  readonly seed: number;
  /** What the file has to reach: bytes, and either the largest error or the largest loss against dense, in points. */
  readonly target: {readonly bytes: number; readonly error?: number; readonly belowDense?: number};
}

const LENET = {
  architecture: 'lenet-300-100',
  batchSize: 250,
  learningRate: {dense: 2e-3, pruning: 1.5e-3},
} as const;

export const RECIPES: readonly Recipe[] = [
  {
    ...LENET,
    name: 'lenet-300-100-accurate',
    title: 'LeNet-300-100, error <= 1.6 %',
    sparsity: [0.975, 0.92, 0.5],
    steps: {dense: 3840, pruning: 5760},
    tolerance: 0.1,
    seed: 1,
    target: {bytes: 19_000, error: 1.6},
  },
  {
    ...LENET,
    name: 'lenet-300-100-small',
    title: 'LeNet-300-100, error <= 1.9 %',
    sparsity: [0.986, 0.95, 0.6],
    steps: {dense: 3840, pruning: 7200},
    tolerance: 0.15,
    seed: 1,
    target: {bytes: 8_500, error: 1.9},
  },
  {
    name: 'mnist-cnn-small',
    title: '12 MB MNIST CNN, sparsity per layer, retrained',
    architecture: 'mnist-cnn',
    sparsity: [0.4, 0.9, 0.99, 0.85],
    steps: {dense: 0, pruning: 1800},
    batchSize: 64,
    learningRate: {dense: 1e-3, pruning: 1e-3},
    tolerance: 0.1,
    seed: 1,
    target: {bytes: 120_000, belowDense: 0.2},
  },
];

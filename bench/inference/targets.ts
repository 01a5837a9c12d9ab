import type {Comparison, PatternName} from './compare.ts';

/** A speed that the engine is meant to reach at 90 % zeros: times as fast as a peer. */
export interface Target {
  /** Works whose name starts so. */
  readonly work: string;
  readonly pattern: PatternName;
  /** Runners; of several the fastest counts. */
  readonly peers: readonly string[];
  readonly ratio: number;
}

/** A target and what was measured. */
export interface TargetResult {
  readonly target: Target;
  readonly work: string;
  readonly measured: number;
  readonly reached: boolean;
}

const WEB_ASSEMBLY = ['tfjs-wasm', 'ort-web'];
const TARGETS: readonly Target[] = [
  {work: 'dense 3136 -> 1024, batch 1', pattern: 'unstructured', peers: WEB_ASSEMBLY, ratio: 2},
  {work: 'dense 3136 -> 1024, batch 1', pattern: '1x4', peers: WEB_ASSEMBLY, ratio: 6},
  {work: 'conv 1x1', pattern: 'unstructured', peers: ['tfjs-wasm'], ratio: 6},
  {work: 'conv 1x1', pattern: 'unstructured', peers: ['ort-native'], ratio: 2},
  {work: 'conv 3x3', pattern: 'unstructured', peers: ['tfjs-wasm'], ratio: 4},
  {work: '8 x conv 1x1', pattern: 'unstructured', peers: ['tfjs-wasm'], ratio: 6},
  {work: '8 x conv 1x1', pattern: 'unstructured', peers: ['ort-native'], ratio: 2},
  {work: '8 x conv 3x3', pattern: 'unstructured', peers: ['tfjs-wasm'], ratio: 4},
  {work: 'LSTM', pattern: 'unstructured', peers: ['tfjs-wasm'], ratio: 8},
  {work: 'MNIST CNN', pattern: 'unstructured', peers: WEB_ASSEMBLY, ratio: 3},
  {work: 'MobileNet-like', pattern: 'unstructured', peers: ['tfjs-wasm'], ratio: 3},
  {work: 'InceptionV3', pattern: 'unstructured', peers: ['tfjs-wasm'], ratio: 4},
];

/** The targets that the comparisons at 90 % zeros tell about. */
export function targetResults(comparisons: readonly Comparison[], ours: string): TargetResult[] {
  return TARGETS.flatMap(target =>
    comparisons
      .filter(({zeros, pattern, work}) => zeros === 0.9 && pattern === target.pattern && work.startsWith(target.work))
      .flatMap(comparison => {
        const measured = Math.min(...target.peers.map(peer => ratio(comparison, peer, ours)));
        return Number.isFinite(measured)
          ? [{target, work: comparison.work, measured, reached: measured >= target.ratio}]
          : [];
      }),
  );
}

/** How many times faster `ours` is than a peer, by the medians; infinite when the peer was not measured. */
export function ratio({runners}: Comparison, peer: string, ours: string): number {
  const median = (name: string): number =>
    runners.find(runner => runner.name === name)?.medianMs ?? Number.POSITIVE_INFINITY;
  return median(peer) / median(ours);
}

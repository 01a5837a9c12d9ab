import {engine} from './engine.ts';
import {onnxruntimeNode, onnxruntimeWeb} from './onnxruntime.ts';
import type {Runner} from './runner.ts';
import {tfjsWasm} from './tfjs-wasm.ts';

/**
 * The engines to compare, TensorFlow.js first: it is the reference for the outputs.
 *
 * @param relaxed Whether the engine runs a second time, on relaxed SIMD, which Node 20 must be told to have.
 * @param warn Told of every peer that is left out because its package is not installed.
 */
export async function runners(relaxed: boolean, warn: (message: string) => void): Promise<Runner[]> {
  const peers: readonly [string, Runner | undefined][] = [
    ['onnxruntime-web', await onnxruntimeWeb()],
    ['onnxruntime-node', await onnxruntimeNode()],
  ];
  for (const [name, peer] of peers) {
    if (peer === undefined) warn(`${name} is not installed and left out: npm ci --prefix bench`);
  }
  return [
    await tfjsWasm(),
    engine('simd'),
    ...(relaxed ? [engine('relaxed')] : []),
    ...peers.flatMap(([, peer]) => peer ?? []),
  ];
}

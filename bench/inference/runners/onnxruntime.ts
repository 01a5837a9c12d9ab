import {installedVersion} from '../../lib/machine.ts';
import {onnxFromKeras} from '../onnx/from-keras.ts';
import {channelsFirst, channelsLast} from '../onnx/layout.ts';
import type {Runner} from './runner.ts';

/** The part of ONNX Runtime's JavaScript interface that is used, the same in both packages. */
interface OnnxRuntime {
  readonly env: {readonly wasm: {numThreads?: number}};
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown;
}

interface OnnxSession {
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, {readonly data: Float32Array}>>>;
  release(): Promise<void>;
}

/** ONNX Runtime in WebAssembly with SIMD, one thread; `undefined` when `bench/` is not installed. */
export async function onnxruntimeWeb(): Promise<Runner | undefined> {
  const runtime = await load('onnxruntime-web');
  if (runtime === undefined) return undefined;
  runtime.env.wasm.numThreads = 1;
  return runner('ort-web', 'onnxruntime-web', runtime, {executionProviders: ['wasm']});
}

/** ONNX Runtime as native code, one thread; `undefined` when `bench/` is not installed. */
export async function onnxruntimeNode(): Promise<Runner | undefined> {
  const runtime = await load('onnxruntime-node');
  if (runtime === undefined) return undefined;
  return runner('ort-native', 'onnxruntime-node', runtime, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  });
}

async function load(name: string): Promise<OnnxRuntime | undefined> {
  if (installedVersion(name, import.meta.url) === undefined) return undefined;
  return (await import(name)) as OnnxRuntime;
}

function runner(name: string, packageName: string, runtime: OnnxRuntime, options: Record<string, unknown>): Runner {
  return {
    name,
    version: `${packageName} ${installedVersion(packageName, import.meta.url)}`,
    prepare: async ({model, input, inputShape}) => {
      const bytes = onnxFromKeras(model, inputShape);
      const session = await runtime.InferenceSession.create(bytes, {graphOptimizationLevel: 'all', ...options});
      const shape = inputShape.length === 4 ? [0, 3, 1, 2].map(axis => inputShape[axis]!) : inputShape;
      const data = channelsFirst(input, inputShape);
      const [outputName] = session.outputNames as [string];
      const outputShape = model.outputs[0]!.shape.map(size => size ?? inputShape[0]!);
      return {
        run: async () => (await session.run({input: new runtime.Tensor('float32', data, shape)}))[outputName]!.data,
        channelsLast: output => channelsLast(output, outputShape),
        dispose: () => session.release(),
      };
    },
  };
}

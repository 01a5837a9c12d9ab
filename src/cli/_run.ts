import {execFileSync} from 'node:child_process';
import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {compressedFile} from '../node/compressed-file.ts';
import {modelFolder} from '../node/model-folder.ts';
import {run} from './program.ts';

/** What a run of the command left behind. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process, on pipes of 80 columns, or with what `env` says. */
export async function tfmotWith(
  {env = {}, signal = new AbortController().signal}: {env?: Record<string, string>; signal?: AbortSignal},
  ...args: readonly string[]
): Promise<Ran> {
  const written = {stdout: '', stderr: ''};
  const stream = (name: 'stdout' | 'stderr') => ({write: (text: string) => (written[name] += text)});
  const terminal = {stdout: stream('stdout'), stderr: stream('stderr'), env};
  return {code: await run(args, {terminal, signal}), ...written};
}

/** The same without anything special. */
export const tfmot = (...args: readonly string[]): Promise<Ran> => tfmotWith({}, ...args);

/** The command that a run proposes, as a shell takes it apart; none if it proposes none. */
export function nextOf(stdout: string): string[] {
  const command = stdout.split(/^next:/m)[1]?.trim();
  if (command === undefined) return [];
  const words = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], {encoding: 'utf8'}).split('\0');
  return words.slice(1, -1);
}

/** A convolution, a normalisation and two dense layers, one of them inside a model inside the model. */
export function artifacts(): ModelArtifacts {
  const weights: [string, number[]][] = [
    ['conv/kernel', [3, 3, 2, 4]],
    ['conv/bias', [4]],
    ['norm/gamma', [4]],
    ['inner/out/kernel', [64, 8]],
    ['depth/depthwise_kernel', [3, 3, 4, 1]],
  ];
  const layer = (class_name: string, name: string, config: object = {}): object => ({
    class_name,
    config: {name, ...config},
  });
  const sizes = weights.map(([, shape]) => shape.reduce((product, size) => product * size, 1));
  const values = Float32Array.from({length: sizes.reduce((sum, size) => sum + size, 0)}, (_, i) => Math.sin(i + 1));
  return {
    modelTopology: layer('Sequential', 'model', {
      layers: [
        layer('Conv2D', 'conv', {batch_input_shape: [null, 8, 8, 2]}),
        layer('BatchNormalization', 'norm', {center: false}),
        layer('DepthwiseConv2D', 'depth', {use_bias: false}),
        layer('Sequential', 'inner', {layers: [layer('Dense', 'out', {use_bias: false})]}),
      ],
    }),
    weightSpecs: weights.map(([name, shape]) => ({name, shape, dtype: 'float32'})),
    weightData: values.buffer,
  };
}

/** Dense layers of one kernel each, as many as there are arrays; a kernel is square, or of one column. */
export function kernels(values: readonly Float32Array[], wrapper?: string): ModelArtifacts {
  const name = (i: number): string => `dense_${i}`;
  const layers = values.map((_, i) => {
    const layer = {class_name: 'Dense', config: {name: name(i), use_bias: false}};
    return wrapper === undefined ? layer : {class_name: wrapper, config: {name: name(i), layer}};
  });
  const shapeOf = ({length}: Float32Array): number[] => {
    const side = Math.sqrt(length);
    return Number.isInteger(side) ? [side, side] : [length, 1];
  };
  return {
    modelTopology: {class_name: 'Sequential', config: {name: 'model', layers}},
    weightSpecs: values.map((one, i) => ({name: `${name(i)}/kernel`, shape: shapeOf(one), dtype: 'float32'})),
    weightData: Float32Array.from(values.flatMap(one => [...one])).buffer,
  };
}

/** The artifacts at a path. */
export async function loaded(path: string): Promise<ModelArtifacts> {
  return (path.endsWith('.tfmz') ? compressedFile(path) : modelFolder(path)).load();
}

/** Zeros of each weight of a saved model. */
export async function zeros(path: string): Promise<Record<string, number>> {
  const {weightSpecs, weightData} = await loaded(path);
  let offset = 0;
  return Object.fromEntries(
    weightSpecs.map(({name, shape}) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const values = new Float32Array(weightData as ArrayBuffer, 4 * offset, size);
      offset += size;
      return [name, values.filter(value => Object.is(value, 0)).length];
    }),
  );
}

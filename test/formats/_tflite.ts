import {readFileSync} from 'node:fs';
import type {InputShapes, OpenModel} from '../../src/artifacts/open-model.ts';
import type {TfliteTensor} from '../../src/formats/tflite/read-model.ts';
import {readModel} from '../../src/formats/tflite/read-model.ts';
import {compile} from '../../src/inference/index.ts';
import {uniformValues} from '../../testing/seeded.ts';

/** What LiteRT computes of one file; see tools/tflite/README.md. */
interface Outputs {
  readonly shape: readonly number[];
  /** `values` holds each so many-th number. */
  readonly every: number;
  /** Largest magnitude of all numbers. */
  readonly largest: number;
  /** float32 in base64. */
  readonly values: string;
}

/** The outputs of the files of one fixture, by their names. */
export function litertOutputs(name: 'published' | 'samples'): ReadonlyMap<string, readonly Outputs[]> {
  const text = readFileSync(new URL(`../fixtures/tflite/${name}.json`, import.meta.url), 'utf8');
  return new Map(Object.entries(JSON.parse(text).files));
}

/** A sample, as bytes. */
export function tfliteSample(name: string): Uint8Array {
  return Uint8Array.from(readFileSync(new URL(`../fixtures/tflite/samples/${name}`, import.meta.url)));
}

/** The inputs that LiteRT was given. */
export function litertInputs(file: Uint8Array, inputShapes: InputShapes = {}): Record<string, Float32Array> {
  const [{tensors, inputs, operators}] = readModel(file).graphs;
  return Object.fromEntries(
    inputs.map((index, i) => {
      const tensor = tensors[index]!;
      const shape = inputShapes[tensor.name] ?? tensor.shape;
      const uniform = uniformValues(
        shape.reduce((product, size) => product * size, 1),
        i + 1,
      );
      const isIndex = operators.some(({name, inputs: [first]}) => name === 'CAST' && first === index);
      return [
        tensor.name,
        uniform.map(isIndex ? value => Math.floor(value * 8) : value => real(value * 2 - 1, tensor)),
      ];
    }),
  );
}

/** The nearest number that a quantised input can be given. */
function real(value: number, {type, quantization}: TfliteTensor): number {
  if (quantization === null || (type !== 'int8' && type !== 'uint8')) return value;
  const [scale, zero] = [quantization.scales[0]!, quantization.zeroPoints[0]!];
  const [least, most] = type === 'int8' ? [-128, 127] : [0, 255];
  return scale * (Math.min(most, Math.max(least, Math.round(value / scale) + zero)) - zero);
}

/** What the engine computes of a model, output by output. */
export async function run(
  model: OpenModel,
  inputs: Record<string, Float32Array>,
  inputShapes: InputShapes = {},
): Promise<Float32Array[]> {
  const engine = await compile(model, {inputShapes});
  try {
    const outputs = await engine.predict(inputs);
    return Object.values(outputs as unknown as Record<string, Float32Array>);
  } finally {
    engine.dispose();
  }
}

/** Largest difference from LiteRT's numbers, by the largest of them. */
export function differenceFrom(expected: readonly Outputs[], outputs: readonly Float32Array[]): number {
  let worst = outputs.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  expected.forEach(({every, values, largest, shape}, output) => {
    const bytes = Buffer.from(values, 'base64');
    const numbers = new Float32Array(Uint8Array.from(bytes).buffer);
    if (outputs[output]!.length !== shape.reduce((product, size) => product * size, 1))
      worst = Number.POSITIVE_INFINITY;
    numbers.forEach((number, i) => {
      worst = Math.max(worst, Math.abs(outputs[output]![i * every]! - number) / (largest || 1));
    });
  });
  return worst;
}

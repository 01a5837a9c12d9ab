import * as tf from '@tensorflow/tfjs';
import {expect} from 'vitest';
import type {OpenModel} from '../../src/artifacts/open-model.ts';
import {createBuilder} from '../../src/graph/builder.ts';
import type {Graph} from '../../src/graph/graph.ts';
import {LINEAR} from '../../src/graph/ops/activation.ts';
import type {Op} from '../../src/graph/ops/index.ts';
import type {Attributes} from '../../src/graph/ops/op.ts';
import type {Shape, TensorId, Weight} from '../../src/graph/tensor.ts';
import {NO_PADDING, sizeOf} from '../../src/graph/tensor.ts';
import type {CompileOptions} from '../../src/inference/index.ts';
import {compile} from '../../src/inference/index.ts';
import {diceOf} from '../../testing/dice.ts';
import {seeded} from '../../testing/seeded.ts';
import {relativeError, VARIANTS} from './_compare.ts';

/** Adds ops and gives their only output. */
export type Emit = (attributes: Attributes<Op>, ...inputs: TensorId[]) => TensorId;

/** Some ops on inputs, and what they must give of a batch of them. */
export interface GraphCase {
  readonly name: string;
  readonly shapes: readonly Shape[];
  readonly emit: (emit: Emit, inputs: readonly TensorId[]) => TensorId;
  readonly want: (inputs: readonly tf.Tensor[]) => tf.Tensor;
  /** What inputs hold, from numbers in [-1, 1); by default these. */
  readonly range?: (x: number) => number;
  /** Forms to try; by default all that inputs of these shapes can have. */
  readonly forms?: readonly Form[];
  /** Most that may be off, of the range of what is wanted; default 1e-5. */
  readonly tolerance?: number;
}

/**
 * How the inputs of the ops lie: in graph order, as planes, as planes with gaps behind rows, or time steps as
 * instances.
 */
export type Form = 'flat' | 'planes' | 'gaps' | 'steps';

const STEPS = 3;

/** A graph as a model that `compile` takes. */
export function modelOf(graph: Graph): OpenModel {
  return {graph: async () => graph} as unknown as OpenModel;
}

/** A weight of any numbers. */
export function weightOf(shape: Shape, values: ArrayLike<number>): Weight {
  return {name: 'w', shape, data: Float32Array.from(values)};
}

/** A seeded weight with numbers in [-1, 1), or what `range` makes of them. */
export function randomWeight(shape: Shape, seed: number, range = (x: number): number => x): Weight {
  return weightOf(shape, diceOf(seeded(seed)).floats(sizeOf(shape)).map(range));
}

/** The graph of a case with its inputs in a form. */
export function graphOf({shapes, emit}: GraphCase, form: Form): Graph {
  const builder = createBuilder();
  const add: Emit = (attributes, ...inputs) => builder.emit(attributes.type, attributes, inputs)[0]!;
  const inputs = shapes.map((shape, i) => builder.input(`x${i}`, form === 'steps' ? [STEPS, ...shape] : shape));
  const shaped = inputs.map((id, i) => inForm(add, id, shapes[i]!, form));
  const result = emit(add, shaped);
  const {shape, instances} = builder.tensor(result);
  const whole = instances === 1 ? shape : [instances, ...shape];
  const output = form === 'steps' ? add({type: 'reshape', shape: whole, instances: 1}, result) : result;
  return builder.finish(
    inputs.map((tensor, i) => ({name: `x${i}`, tensor})),
    [{name: 'y', tensor: output}],
  );
}

function inForm(emit: Emit, id: TensorId, shape: Shape, form: Form): TensorId {
  if (form === 'steps') return emit({type: 'reshape', shape, instances: STEPS}, id);
  if (form === 'flat' || shape.length !== 3) return id;
  const window = {strides: [1, 1], padding: NO_PADDING} as const;
  if (form === 'planes') return emit({type: 'pool2d', kind: 'max', size: [1, 1], ...window}, id);
  // A kernel that copies, padded so that its rows have gaps.
  const channels = shape[2]!;
  const kernel = new Float32Array(9 * channels * channels);
  for (let c = 0; c < channels; c++) kernel[(4 * channels + c) * channels + c] = 1;
  return emit(
    {
      ...{type: 'conv2d', groups: 1, kernel: weightOf([3, 3, channels, channels], kernel), bias: null},
      ...{...window, dilations: [1, 1], padding: {top: 1, bottom: 1, left: 1, right: 1}, activation: LINEAR},
    } as Attributes<Op>,
    id,
  );
}

/** Expects of a case what TensorFlow.js gives, at batches of 1 and of more, on both builds of the kernels. */
export async function expectCase(given: GraphCase, form: Form, options: CompileOptions = {}): Promise<void> {
  const {shapes, want, range = x => x, tolerance = 1e-5} = given;
  const graph = graphOf(given, form);
  const examples = 3;
  const dice = diceOf(seeded(given.name.length * 17 + shapes.length));
  const steps = form === 'steps' ? STEPS : 1;
  const data = shapes.map(shape => dice.floats(examples * steps * sizeOf(shape)).map(range));
  const expected = tf.tidy(() => {
    const tensors = data.map((values, i) => tf.tensor(values, [examples * steps, ...shapes[i]!]));
    return Float32Array.from(want(tensors).dataSync());
  });
  for (const [i, variant] of VARIANTS.entries()) {
    const engine = await compile(modelOf(graph), {...options, variant, batchSize: [1, 2][i]!});
    const [got] = (await engine.predict(data)) as Float32Array[];
    engine.dispose();
    expect(relativeError(got!, expected), `${form}, ${variant}`).toBeLessThan(tolerance);
  }
}

import {setFlagsFromString} from 'node:v8';
import * as tf from '@tensorflow/tfjs';
import {beforeAll, describe, expect, test} from 'vitest';
import {createBuilder} from '../../src/graph/builder.ts';
import {LINEAR} from '../../src/graph/ops/activation.ts';
import {compile, type Observation, observe} from '../../src/inference/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {seeded} from '../../testing/seeded.ts';
import {inputsOf, relativeError, setWeights} from './_compare.ts';
import {randomWeight} from './_graphs.ts';

checkLeaks();

setFlagsFromString('--experimental-wasm-relaxed-simd');
beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Everything observed of one tensor, one example after the other. */
function joined(seen: readonly Observation[], tensor: string | number): Float32Array {
  const own = seen.filter(observation => observation.tensor === tensor);
  return Float32Array.from(own.flatMap(({values}) => [...values]));
}

function network(): tf.LayersModel {
  const L = tf.layers;
  const model = tf.sequential({
    layers: [
      L.conv2d({name: 'conv', filters: 4, kernelSize: 3, padding: 'same', inputShape: [6, 5, 2]}),
      L.batchNormalization({name: 'norm'}),
      L.activation({name: 'relu', activation: 'relu'}),
      L.maxPooling2d({name: 'pool', poolSize: 2}),
      L.flatten({name: 'flat'}),
      L.dense({name: 'dense', units: 7, activation: 'tanh'}),
      L.dense({name: 'out', units: 3, activation: 'softmax'}),
    ],
  });
  setWeights(model, seeded(3), {sparsity: 0.5});
  return model;
}

test('layers give what TensorFlow.js computes for them, also those that are folded into others', async () => {
  const model = network();
  const [x] = inputsOf(model, 5, seeded(4)) as [tf.Tensor];
  const names = model.layers.map(({name}) => name);
  const inner = tf.model({inputs: model.inputs, outputs: model.layers.map(({output}) => output as tf.SymbolicTensor)});
  const want = inner.predict(x) as tf.Tensor[];
  for (const batchSize of [1, 2]) {
    const seen: Observation[] = [];
    await observe(model, x, names, observation => void seen.push(observation), {batchSize});
    names.forEach((name, i) => {
      expect(relativeError(joined(seen, name), want[i]!.dataSync()), name).toBeLessThan(1e-5);
      const own = seen.filter(({tensor}) => tensor === name);
      expect(own.map(({first, examples}) => [first, examples])).toEqual(
        batchSize === 1
          ? [0, 1, 2, 3, 4].map(place => [place, 1])
          : [
              [0, 2],
              [2, 2],
              [4, 1],
            ],
      );
      expect(own.every(({shape}) => `${shape}` === `${want[i]!.shape.slice(1)}`)).toBe(true);
    });
    // As they are computed: all of some examples, then of the next.
    expect(seen.slice(0, names.length).map(({tensor}) => tensor)).toEqual(names);
  }
  tf.dispose([want, x]);
  tf.disposeVariables();
});

test('tensors of a graph by their numbers, inputs, constants and time steps among them', async () => {
  const builder = createBuilder();
  const input = builder.input('x', [3, 4]);
  const emit = (...given: Parameters<typeof builder.emit>) => builder.emit(...given)[0]!;
  const steps = emit('steps', {type: 'reshape', shape: [4], instances: 3}, [input]);
  const constant = emit('c', {type: 'constant', value: randomWeight([4], 1)}, []);
  const sum = emit('sum', {type: 'merge', kind: 'add', activation: LINEAR}, [steps, constant]);
  const root = emit('root', {type: 'activation', activation: {type: 'square'}}, [sum]);
  const graph = builder.finish([{name: 'x', tensor: input}], []);
  const x = Float32Array.from({length: 24}, seeded(2));
  const seen: Observation[] = [];
  await observe(graph, x, [root, sum, constant, input, 'steps'], observation => void seen.push(observation));
  const sums = Float32Array.from(x, (value, i) => value + randomWeight([4], 1).data[i % 4]!);
  expect(joined(seen, input)).toEqual(x);
  expect(joined(seen, 'steps')).toEqual(x);
  expect(joined(seen, constant).slice(0, 4)).toEqual(randomWeight([4], 1).data);
  expect(joined(seen, sum)).toEqual(sums);
  expect(joined(seen, root)).toEqual(sums.map(value => value * value));
  expect(seen.find(({tensor}) => tensor === root)).toMatchObject({shape: [3, 4], first: 0, examples: 1});
});

test('indices come as the whole numbers they are', async () => {
  const model = tf.sequential({layers: [tf.layers.embedding({inputDim: 9, outputDim: 2, inputShape: [3]})]});
  const seen: Observation[] = [];
  const name = model.inputs[0]!.name;
  await observe(model, Int32Array.of(4, 0, 8), [name], observation => void seen.push(observation));
  expect([...joined(seen, name)]).toEqual([4, 0, 8]);
  model.dispose();
});

describe('data', () => {
  const batches = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6)];
  const builder = createBuilder();
  const input = builder.input('x', [2]);
  const [y] = builder.emit('y', {type: 'activation', activation: {type: 'square'}}, [input]);
  const graph = builder.finish([{name: 'x', tensor: input}], [{name: 'y', tensor: y!}]);

  test.each([
    ['a batch', () => Float32Array.of(1, 2, 3, 4, 5, 6)],
    [
      'a nested list',
      () => [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    ['an object by names', () => ({x: Float32Array.of(1, 2, 3, 4, 5, 6)})],
    ['a list of batches', () => batches],
    [
      'a generator',
      function* () {
        yield* batches;
      },
    ],
    [
      'an asynchronous generator',
      async function* () {
        yield* batches;
      },
    ],
  ] as const)('%s', async (_, data) => {
    const seen: Observation[] = [];
    await observe(graph, data(), ['y'], async observation => {
      await Promise.resolve();
      seen.push(observation);
    });
    expect([...joined(seen, 'y')]).toEqual([1, 4, 9, 16, 25, 36]);
    expect(seen.map(({first}) => first)).toEqual([0, 1, 2]);
  });

  test('no batches: nothing is seen', async () => {
    let seen = 0;
    await observe(graph, [], ['y'], () => void seen++);
    expect(seen).toBe(0);
  });

  test.each([
    ['a name of none', ['z'], {}, 'invalid-argument: The model has no tensor "z"'],
    ['a number of none', [7], {}, 'invalid-argument: The model has no tensor 7'],
    ['a number that is none', [0.5], {}, 'invalid-argument: tensors must be a list'],
    [
      'no list',
      'y',
      {},
      'invalid-argument: tensors must be a list of names, or of indices of a graph\'s tensors, but is "y"',
    ],
    ['an option of none', ['y'], {batch: 2}, 'invalid-argument'],
    ['a batch size of none', ['y'], {batchSize: 0}, 'invalid-argument: batchSize must be'],
  ])('%s is refused', async (_, tensors, options, message) => {
    const refused = observe(graph, batches, tensors as string[], () => undefined, options as object);
    const error = await refused.then(
      () => '',
      ({code, message}) => `${code}: ${message}`,
    );
    expect(error).toContain(message);
  });

  test('what a visitor throws, and a signal, ends the run', async () => {
    let seen = 0;
    const stop = new AbortController();
    const visit = () => {
      seen++;
      stop.abort(new Error('enough'));
    };
    await expect(observe(graph, batches, ['y'], visit, {signal: stop.signal})).rejects.toThrow('enough');
    const fail = () => {
      seen++;
      throw new Error('no more');
    };
    await expect(observe(graph, batches, ['y'], fail)).rejects.toThrow('no more');
    expect(seen).toBe(2);
  });

  test('takes no more memory than to predict, however many tensors are looked at', async () => {
    const long = createBuilder();
    let tensor = long.input('x', [2 ** 16]);
    for (let i = 0; i < 200; i++) tensor = long.emit(`t${i}`, {type: 'softmax', log: false}, [tensor])[0]!;
    const chain = long.finish([{name: 'x', tensor: 0}], [{name: 'y', tensor}]);
    let seen = 0;
    const ids = chain.tensors.map((_, id) => id);
    await observe(chain, new Float32Array(2 ** 16), ids, () => void seen++, {maxMemoryBytes: 2 ** 21});
    expect(seen).toBe(201);
    await expect(
      compile({graph: async () => ({...chain, outputs: ids.map(id => ({name: `${id}`, tensor: id}))})} as never, {
        maxMemoryBytes: 2 ** 21,
      }),
    ).rejects.toMatchObject({code: 'memory-limit'});
  });
});

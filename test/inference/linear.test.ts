import {afterEach, expect, test, vi} from 'vitest';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {compile} from '../../src/inference/index.ts';
import {layer, weightData} from './_artifacts.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const input = layer('InputLayer', 'i', {batch_input_shape: [null, 4]}, []);

function model(
  layers: readonly object[],
  output: unknown,
  weights: Parameters<typeof weightData>[0] = {},
): ModelArtifacts {
  const config = {name: 'm', layers: [input, ...layers], input_layers: [['i', 0, 0]], output_layers: [output]};
  return {modelTopology: {class_name: 'Model', config}, ...weightData(weights)};
}

/** A layer or model called again and again on what it gave before. */
function chain(entry: Record<string, unknown>, name: string, calls: number): Record<string, unknown> {
  const inbound = Array.from({length: calls}, (_, i) => [[i === 0 ? 'i' : name, i === 0 ? 0 : i - 1, 0]]);
  return {...entry, name, inbound_nodes: inbound};
}

const SIXTEEN = Array.from({length: 16}, (_, i) => Math.sin(i) / 4);
const square = {'d/kernel': [[4, 4], SIXTEEN]} as const;
const norm = {
  'n/gamma': [[4], [1, 2, 3, 4]],
  'n/beta': [[4], [0, 0, 0, 0]],
  'n/moving_mean': [[4], [0, 0, 0, 0]],
  'n/moving_variance': [[4], [1, 1, 1, 1]],
} as const;

/** Topologies of a size that `n` says, each of which once took its square. */
const CASES: readonly (readonly [string, (n: number) => ModelArtifacts])[] = [
  [
    'a nested model of n idle layers called n times',
    n => {
      const idle = Array.from({length: n}, (_, i) => layer('Dropout', `u${i}`, {}, []));
      const ends = {input_layers: [['i', 0, 0]], output_layers: [['i', 0, 0]]};
      const nested = {class_name: 'Model', config: {name: 'n', layers: [input, ...idle], ...ends}};
      return model([chain(nested, 'n', n)], ['n', n - 1, 0]);
    },
  ],
  [
    'a dense layer called n times',
    n => model([chain(layer('Dense', 'd', {units: 4, use_bias: false}), 'd', n)], ['d', n - 1, 0], square),
  ],
  [
    'a normalisation called n times',
    n => model([chain(layer('BatchNormalization', 'n', {}), 'n', n)], ['n', n - 1, 0], norm),
  ],
  ['n reshapes in a row', n => model([chain(layer('Reshape', 'r', {target_shape: [4]}), 'r', n)], ['r', n - 1, 0])],
  ['n transposes in a row', n => model([chain(layer('Permute', 'p', {dims: [1]}), 'p', n)], ['p', n - 1, 0])],
  [
    'n rectifiers that are all kept to the end',
    n => {
      const branches = Array.from({length: n}, (_, i) => layer('ReLU', `r${i}`, {}, [[['i', 0, 0]]]));
      const sum = layer('Add', 'sum', {}, [branches.map((_, i) => [`r${i}`, 0, 0])]);
      return model([...branches, sum], ['sum', 0, 0]);
    },
  ],
];

/** How often a compilation looks something up, and how often it copies or walks a list. */
async function workOf(artifacts: ModelArtifacts): Promise<number> {
  let work = 0;
  const count = (holder: object, name: string, each: (self: unknown) => number): void => {
    const original = (holder as Record<string, unknown>)[name] as (...args: unknown[]) => unknown;
    vi.spyOn(holder as Record<string, () => unknown>, name).mockImplementation(function (this: unknown, ...args) {
      work += each(this);
      return original.apply(this, args);
    });
  };
  for (const name of ['get', 'set', 'has']) count(Map.prototype, name, () => 1);
  for (const name of ['add', 'has']) count(Set.prototype, name, () => 1);
  const size = (self: unknown): number => (self as readonly unknown[]).length + 1;
  for (const name of ['map', 'flatMap', 'filter', 'find', 'findIndex', 'includes', 'indexOf', 'splice'])
    count(Array.prototype, name, size);
  try {
    await compile(artifacts, {variant: 'simd'});
  } finally {
    vi.restoreAllMocks();
  }
  return work;
}

test.each(CASES)('compiling %s is work in proportion to n', async (_, make) => {
  await compile(make(2), {variant: 'simd'});
  const [once, twice] = [await workOf(make(300)), await workOf(make(600))];
  expect(twice / once).toBeLessThan(2.3);
  expect(twice / once).toBeGreaterThan(1.5);
});

test('20,000 calls of one layer are compiled and computed', async () => {
  const artifacts = model([chain(layer('Dense', 'd', {units: 4, use_bias: false}), 'd', 20_000)], ['d', 19_999, 0], {
    'd/kernel': [
      [4, 4],
      [0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0],
    ],
  });
  const engine = await compile(artifacts);
  expect([...(await engine.predict(Float32Array.of(1, 2, 3, 4)))]).toEqual([1, 2, 3, 4]);
  // What they need beside one another is one call each in the program: eight words.
  expect(engine.describe().memoryBytes).toBeLessThanOrEqual(3 * 65536 + 20_000 * 32);
});

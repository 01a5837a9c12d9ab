import {expect, test} from 'vitest';
import {isTfmotError, type OpenModel, open} from '../../src/formats/index.ts';
import {pickedFiles} from '../../testing/published.ts';
import {seeded} from '../../testing/seeded.ts';
import {FULL} from '../_needs.ts';

const FOLDER = new URL('../fixtures/graph-model/tiny-f32/', import.meta.url);

interface GraphJson {
  modelTopology: {node: Record<string, unknown>[]};
  weightsManifest: {weights: {name: string; shape: number[]; dtype: string}[]}[];
}

async function sample(): Promise<{json: GraphJson; weights: Uint8Array<ArrayBuffer>}> {
  const files = pickedFiles(FOLDER);
  const [json, shard] = [
    files.find(({name}) => name === 'model.json')!,
    files.find(({name}) => name !== 'model.json')!,
  ];
  return {json: JSON.parse(await json.text()), weights: new Uint8Array(await shard.arrayBuffer())};
}

const opened = (json: object, weights: Uint8Array<ArrayBuffer>): Promise<OpenModel> =>
  open([new File([JSON.stringify(json)], 'model.json'), new File([weights], 'group1-shard1of1.bin')]);

const WRONG: readonly unknown[] = [
  null,
  -1,
  1e9,
  '',
  'Conv2D',
  [],
  {},
  'c2',
  NaN,
  '99999999999999999999',
  [0, -1],
  true,
];

/** Changes one value anywhere in a graph, or gives a node another's inputs. */
function mutate(json: GraphJson, random: () => number): void {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const nodes = json.modelTopology.node;
  if (random() < 0.2) {
    pick(nodes)['input'] = pick(nodes)['input'];
    return;
  }
  if (random() < 0.2) {
    pick(json.weightsManifest[0]!.weights).shape = [Math.floor(random() * 10), Math.floor(random() * 10)];
    return;
  }
  let at: unknown = pick(nodes);
  for (;;) {
    const holder = at as Record<string, unknown>;
    const keys = Object.keys(holder);
    if (keys.length === 0) return;
    const key = pick(keys);
    const inner = holder[key];
    if (typeof inner === 'object' && inner !== null && random() < 0.8) at = inner;
    else {
      holder[key] = pick(WRONG);
      return;
    }
  }
}

test('a graph that was changed anywhere is imported or refused, never anything else', async () => {
  const random = seeded(11);
  const {json, weights} = await sample();
  const fates = new Map<string, number>();
  for (let i = 0; i < (FULL ? 50_000 : 400); i++) {
    const changed = structuredClone(json);
    for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) mutate(changed, random);
    let fate = 'imported';
    try {
      const model = await opened(changed, weights);
      await model.graph(random() < 0.5 ? {} : {cut: 'auto'});
    } catch (error) {
      if (!isTfmotError(error)) throw new Error(JSON.stringify(changed).slice(0, 20_000), {cause: error});
      fate = error.code;
    }
    fates.set(fate, (fates.get(fate) ?? 0) + 1);
  }
  expect(fates.get('imported')).toBeGreaterThan(20);
  expect([...fates.keys()].length).toBeGreaterThan(2);
});

const node = (name: string, op: string, input: string[] = [], attr: object = {}): object => ({name, op, input, attr});
const SHAPE = {shape: {shape: {dim: [{size: '-1'}, {size: '4'}]}}, dtype: {type: 'DT_FLOAT'}};
const input = node('x', 'Placeholder', [], SHAPE);

test('circles, chains without end and constants that swell are refused at once', async () => {
  const graphs: [nodes: object[], pattern: RegExp][] = [
    [[node('a', 'Relu', ['b']), node('b', 'Relu', ['a'])], /outputs/],
    [[input, node('a', 'AddV2', ['x', 'b']), node('b', 'Relu', ['a']), node('o', 'Relu', ['b'])], /circle/],
    [[node('a', 'Identity', ['a']), node('o', 'Relu', ['a'])], /circle/],
    [[node('o', 'Fill', ['s', 'v']), node('s', 'Const'), node('v', 'Const')], /a constant '[sv]'/],
    [[input, ...tiles(40), node('o', 'AddV2', ['x', 't40'])], /numbers/],
    [[node('o', 'Relu', ['nothing'])], /a node 'nothing'/],
    [[], /outputs/],
  ];
  for (const [nodes, pattern] of graphs) {
    const json = {format: 'graph-model', modelTopology: {node: nodes}, weightsManifest: manifestOf(nodes)};
    const model = await opened(json, isSwelling(nodes) ? Uint8Array.of(0, 0, 0, 0, 100, 0, 0, 0) : new Uint8Array());
    await expect(model.graph()).rejects.toThrow(pattern);
  }
});

test('a chain of 100,000 nodes is imported', async () => {
  const nodes = [input];
  for (let i = 0; i < 100_000; i++) nodes.push(node(`n${i}`, 'Identity', [i === 0 ? 'x' : `n${i - 1}`]));
  nodes.push(node('o', 'Relu', ['n99999']));
  const json = {format: 'graph-model', modelTopology: {node: nodes.reverse()}, weightsManifest: []};
  const model = await open([new File([JSON.stringify(json)], 'model.json')]);
  expect((await model.graph()).ops.map(({type}) => type)).toEqual(['activation']);
});

/** Constants, each of which repeats the one before it a hundred times. */
function tiles(count: number): object[] {
  const nodes = [node('t0', 'Const'), node('times', 'Const')];
  for (let i = 1; i <= count; i++) nodes.push(node(`t${i}`, 'Tile', [`t${i - 1}`, 'times']));
  return nodes;
}

const isSwelling = (nodes: readonly object[]): boolean => nodes.some(one => (one as {name: string}).name === 't0');

function manifestOf(nodes: readonly object[]): object[] {
  if (!isSwelling(nodes)) return [];
  const weights = [
    {name: 't0', shape: [1], dtype: 'float32'},
    {name: 'times', shape: [1], dtype: 'int32'},
  ];
  return [{paths: ['group1-shard1of1.bin'], weights}];
}

import '@tensorflow/tfjs-backend-cpu';
import {input, layers, model, sequential} from '@tensorflow/tfjs-layers';
import {expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {layerGraph} from './graph.ts';

checkLeaks();

test('every layer has all that feed it and all that it feeds, each once', () => {
  const [x, y] = [input({shape: [4], name: 'x'}), input({shape: [4], name: 'y'})];
  const shared = layers.dense({units: 4, name: 'shared'});
  const chain = sequential({
    name: 'chain',
    layers: [layers.dense({units: 4, inputShape: [4], name: 'first'}), layers.reLU({name: 'second'})],
  });
  const [a, b] = [shared.apply(x), shared.apply(y)] as ReturnType<typeof input>[];
  const sum = layers.add({name: 'sum'}).apply([a!, b!, x]);
  const left = chain.apply(sum) as typeof x;
  const right = layers.dense({units: 4, name: 'right'}).apply(sum) as typeof x;
  const end = layers.concatenate({name: 'end'}).apply([left, right]) as typeof x;
  const whole = model({inputs: [x, y], outputs: [end, right]});
  const graph = layerGraph(whole);
  const names = (list: readonly {name: string}[]): readonly string[] => list.map(({name}) => name).sort();
  const around = Object.fromEntries(
    [...whole.layers, ...chain.layers].map(layer => [
      layer.name,
      [names(graph.producersOf(layer)), names(graph.consumersOf(layer))],
    ]),
  );
  expect(around).toMatchObject({
    x: [[], ['shared', 'sum']],
    y: [[], ['shared']],
    shared: [['x', 'y'], ['sum']],
    sum: [
      ['shared', 'x'],
      ['first', 'right'],
    ],
    right: [['sum'], ['end']],
    chain: [['sum'], ['end']],
    first: [[], ['second']],
    second: [['first'], []],
    end: [['chain', 'right'], []],
  });
  expect([names(graph.inputs), names(graph.outputs)]).toEqual([
    ['x', 'y'],
    ['end', 'right'],
  ]);
  whole.dispose();
  // It is used twice, and TensorFlow.js frees one use.
  shared.dispose();
});

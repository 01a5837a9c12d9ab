import {describe, expect, test} from 'vitest';
import {open} from '../../../src/formats/open.ts';
import {pruneOneShot} from '../../../src/oneshot/prune.ts';
import {evaluateGraph} from '../../../testing/evaluate-graph.ts';
import {attribute, graph, integers, message, model, node, port, tensor} from './_write.ts';

const input = port('x', ['N', 4]);
const numbers = (count: number): number[] => Array.from({length: count}, (_, i) => i - count / 2 + 0.5);
const kernel = tensor('k', [4, 4], numbers(16));

describe('weights of an .onnx model', () => {
  test.each<[string, Uint8Array, Uint8Array, string, readonly number[], readonly number[]]>([
    ['Conv', node('Conv', ['x', 'w'], ['y']), tensor('w', [2, 4, 1, 1], numbers(8)), 'kernel', [2, 3, 1], [0]],
    [
      'depthwise',
      node('Conv', ['x', 'w'], ['y'], [attribute('group', 4)]),
      tensor('w', [4, 1, 1, 1], numbers(4)),
      'depthwise',
      [2, 3],
      [0],
    ],
    [
      'ConvTranspose',
      node('ConvTranspose', ['x', 'w'], ['y']),
      tensor('w', [4, 2, 1, 1], numbers(8)),
      'kernel',
      [2, 3, 0],
      [1],
    ],
    ['MatMul', node('MatMul', ['x', 'w'], ['y']), tensor('w', [4, 2], numbers(8)), 'kernel', [0], [1]],
    [
      'Gemm',
      node('Gemm', ['x', 'w'], ['y'], [attribute('transB', 1)]),
      tensor('w', [2, 4], numbers(8)),
      'kernel',
      [1],
      [0],
    ],
    ['Gather', node('Gather', ['w', 'x'], ['y']), tensor('w', [4, 2], numbers(8)), 'embedding', [0], [1]],
    ['LSTM', node('LSTM', ['x', 'w', 'r'], ['y']), tensor('w', [1, 8, 4], numbers(32)), 'kernel', [2], [0, 1]],
  ])('%s: role and axes', async (_, consumer, stored, role, inputAxes, outputAxes) => {
    const {weights} = await open(model({nodes: [consumer], stored: [stored], inputs: [input]}));
    expect(weights[0]!.uses).toMatchObject([{role, inputAxes, outputAxes}]);
  });

  test('a bias is what is added behind a product; a number that another node reads, too, is left alone', async () => {
    const nodes = [
      node('MatMul', ['x', 'k'], ['p']),
      node('Add', ['p', 'b'], ['q']),
      node('Mul', ['x', 'b'], ['r']),
      node('Add', ['q', 'c'], ['s']),
      node('Add', ['r', 's'], ['y']),
    ];
    const stored = [kernel, tensor('b', [4], numbers(4)), tensor('c', [4], numbers(4))];
    const {weights} = await open(model({nodes, stored, inputs: [input]}));
    expect(weights.map(({name, uses}) => [name, uses.map(({role}) => role)])).toEqual([
      ['k', ['kernel']],
      ['b', []],
      ['c', ['bias']],
    ]);
  });

  test('a weight of different roles is kept and reported', async () => {
    const nodes = [
      node('MatMul', ['x', 'k'], ['p']),
      node('Conv', ['p', 'w'], ['q'], [attribute('group', 4)]),
      node('Conv', ['q', 'w'], ['y']),
    ];
    const stored = [kernel, tensor('w', [4, 1, 1], numbers(4))];
    const opened = await open(model({nodes, stored, inputs: [input]}));
    const {kept, changed} = await pruneOneShot(opened, {sparsity: 0.5});
    expect(changed.map(({name}) => name)).toEqual(['k']);
    expect(kept).toEqual([{name: 'w', reason: 'a depthwise kernel'}]);
  });

  test('weights of branches have names of their own', async () => {
    const branch = (output: string): Uint8Array =>
      graph({
        nodes: [node('MatMul', ['x', 'k'], [output])],
        stored: [kernel],
        outputs: [port(output, [])],
      });
    const nodes = [
      node('If', ['c'], ['y'], [attribute('then_branch', branch('a')), attribute('else_branch', branch('b'))]),
    ];
    const {weights} = await open(model({nodes, inputs: [input, port('c', [])]}));
    expect(weights.map(({name, uses}) => [name, uses.length])).toEqual([
      ['k', 1],
      ['k:1', 1],
    ]);
  });

  test('a pruned model is the same file but for the bytes of its weight, and computes so', async () => {
    const file = model({nodes: [node('MatMul', ['x', 'k'], ['y'])], stored: [kernel], inputs: [input]});
    const opened = await open(file);
    const {model: pruned} = await pruneOneShot(opened, {sparsity: 0.5});
    const saved = (await pruned.save()).get('model.onnx')!;
    const [weight] = (await open(saved)).weights;
    expect([...weight!.values()].filter(value => value === 0)).toHaveLength(8);
    const restored = (await open(saved)).withWeights(new Map([['k', {values: opened.weights[0]!.values()}]]));
    expect((await restored.save()).get('model.onnx')).toEqual(file);
    const run = async (of: typeof pruned): Promise<Float64Array> =>
      evaluateGraph(await of.graph(), {x: [1, 2, 3, 4]})['y']!.data;
    expect(await run(pruned)).toEqual(await run(await open(saved)));
    expect(await run(pruned)).not.toEqual(await run(opened));
  });
});

describe('models that are refused', () => {
  const relu = node('Relu', ['x'], ['y']);
  const external = message([1, 4], [2, 1], [8, 'w'], [13, message([1, 'location'], [2, 'weights.bin'])], [14, 1]);
  const deep = (depth: number): Uint8Array =>
    depth === 0
      ? graph({nodes: [relu]})
      : graph({nodes: [node('If', ['c'], ['y'], [attribute('then_branch', deep(depth - 1))])]});

  test.each<[string, Uint8Array, string, RegExp]>([
    [
      'data in another file',
      model({nodes: [relu], stored: [external]}),
      'unsupported-model',
      /'w' are in another file/,
    ],
    [
      'an unknown operator',
      model({nodes: [node('Fancy', ['x'], ['y'])], inputs: [input]}),
      'unsupported-layer',
      /not know: Fancy/,
    ],
    ['no graph', message([1, 8], [2, 'maker']), 'corrupt-file', /byte 9 the file ends without a graph/],
    ['a cut file', model({nodes: [relu], inputs: [input]}).slice(0, -20), 'corrupt-file', /at byte \d+/],
    [
      'elements that are missing',
      model({nodes: [relu], stored: [tensor('w', [3], [1, 2])], inputs: [input]}),
      'corrupt-file',
      /'w' of shape \[3\] has 8 bytes/,
    ],
    ['old operators', model({nodes: [relu], inputs: [input]}, 6), 'unsupported-model', /version 7 or newer.*version 6/],
    ['graphs in graphs', message([1, 8], [7, deep(20)]), 'corrupt-file', /nested more than 16/],
    [
      'a value that nothing computes',
      model({nodes: [node('Relu', ['z'], ['y'])], inputs: [input]}),
      'invalid-topology',
      /'z' is read/,
    ],
    [
      'open sizes',
      model({nodes: [relu], inputs: [port('x', ['N', 3, 'H', 'W'])]}),
      'unsupported-model',
      /'x' is .*inputShapes/,
    ],
    ['no outputs', model({nodes: [relu], inputs: [input], outputs: []}), 'invalid-topology', /no outputs/],
    [
      'a weight that is no number',
      model({
        nodes: [node('Gemm', ['x', 'w'], ['y'])],
        stored: [tensor('w', [4, 1], [1, Number.NaN, 2, 3])],
        inputs: [input],
      }),
      'non-finite-weight',
      /element 1 of 'w'/,
    ],
    [
      'constants without end',
      model({
        nodes: [
          node('ConstantOfShape', ['s'], ['a']),
          node(
            'Sum',
            Array.from({length: 64}, () => 'a'),
            ['b'],
          ),
          node('Add', ['x', 'b'], ['y']),
        ],
        stored: [integers('s', [4096, 4096])],
        inputs: [input],
      }),
      'memory-limit',
      /folding/,
    ],
    [
      'a constant stretched without end',
      model({
        nodes: [node('Expand', ['w', 's'], ['a']), node('Add', ['x', 'a'], ['y'])],
        stored: [tensor('w', [1], [1]), integers('s', [65_536, 65_536])],
        inputs: [input],
      }),
      'unsupported-model',
      /at most/,
    ],
  ])('%s', async (_, file, code, text) => {
    const refused = (async () => (await open(file)).graph())();
    await expect(refused).rejects.toThrow(expect.objectContaining({code, message: expect.stringMatching(text)}));
  });

  test('a graph is cut where it cannot go on, or where the caller says', async () => {
    const nodes = [
      node('Relu', ['x'], ['r']),
      node('NonMaxSuppression', ['r'], ['s']),
      node('Neg', ['s'], ['y']),
      node('Neg', ['r'], ['z']),
    ];
    const opened = await open(model({nodes, inputs: [input], outputs: [port('y', []), port('z', [])]}));
    const whole = await opened.graph({cut: 'auto'});
    expect(whole.outputs.map(({name}) => name)).toEqual(['z', 'r']);
    expect(whole.left).toMatchObject([{op: 'NonMaxSuppression'}]);
    const named = await opened.graph({cut: ['r']});
    expect(named.outputs.map(({name}) => name)).toEqual(['r']);
    await expect(opened.graph()).rejects.toThrow(/NonMaxSuppression/);
    await expect(opened.graph({cut: ['nowhere']})).rejects.toThrow(expect.objectContaining({code: 'invalid-argument'}));
  });
});

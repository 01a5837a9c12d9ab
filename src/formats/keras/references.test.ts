import {expect, test} from 'vitest';
import {camelKeys} from './config.ts';
import {inboundOf, operationInbound, portRefsOf} from './references.ts';

const ref = (layer: string, call = 0, output = 0) => ({layer, call, output});
const tensor = (layer: string, call = 0, output = 0) => ({
  class_name: '__keras_tensor__',
  config: {shape: [null, 2], dtype: 'float32', keras_history: [layer, call, output]},
});
const inbound = (node: unknown) => inboundOf(camelKeys(node), 'x');

test('Keras 2 lists what a call reads, with what else it was given', () => {
  expect(inbound([['a', 0, 0, {}]])).toMatchObject({refs: [ref('a')], odd: undefined});
  expect(
    inbound([
      ['a', 0, 0],
      ['b', 2, 1, {training: false}],
    ]),
  ).toMatchObject({refs: [ref('a'), ref('b', 2, 1)]});
  expect(inbound(['a', 1, 0])).toMatchObject({refs: [ref('a', 1)]});
  expect(inbound({z: ['a', 0, 0], b: ['c', 0, 0]})).toMatchObject({refs: [ref('c'), ref('a')]});
  expect(inbound([['a', 0, 0, {mask: ['b', 0, 0]}]]).odd).toBe("'mask'");
});

test('Keras 3 has a tensor for each argument, in any structure', () => {
  const plain = {odd: undefined, masked: undefined};
  expect(inbound({args: [tensor('a', 1)], kwargs: {}})).toEqual({...plain, refs: [ref('a', 1)]});
  expect(inbound({args: [[tensor('a'), tensor('b')]], kwargs: {}})).toEqual({...plain, refs: [ref('a'), ref('b')]});
  expect(inbound({args: [{z: tensor('a'), b: tensor('c')}]})).toEqual({...plain, refs: [ref('c'), ref('a')]});
  const states = {initial_state: [tensor('h'), tensor('c')], training: false};
  expect(inbound({args: [tensor('a')], kwargs: states})).toEqual({...plain, refs: [ref('a'), ref('h'), ref('c')]});
  expect(inbound({args: [tensor('a')], kwargs: {mask: null}}).masked).toBe(false);
  expect(inbound({args: [tensor('a')], kwargs: {mask: tensor('m')}})).toMatchObject({masked: true, refs: [ref('a')]});
  expect(inbound({args: [tensor('a'), 3], kwargs: {}}).odd).toBe('the constant 3');
  expect(inbound({args: [tensor('a')], kwargs: {use_causal_mask: true}}).odd).toBe("'useCausalMask'");
});

test('an operation has tensors and constants among its arguments', () => {
  const given = (node: unknown) => operationInbound(camelKeys(node), 'x');
  const keras2 = given(['a', 0, 0, {y: ['b', 1, 0], name: null}]);
  expect(keras2).toMatchObject({refs: [ref('a'), ref('b', 1)], given: {args: [{tensor: 0}], kwargs: {y: {tensor: 1}}}});
  expect(given(['_CONSTANT_VALUE', -1, 2, {y: ['b', 0, 0]}]).given).toEqual({args: [2], kwargs: {y: {tensor: 0}}});
  const listed = given([
    ['a', 0, 0, {axis: -1}],
    ['b', 0, 0, {axis: -1}],
  ]);
  expect(listed.given).toEqual({args: [[{tensor: 0}, {tensor: 1}]], kwargs: {axis: -1}});
  expect(given({args: [tensor('a'), 3, [tensor('b')]], kwargs: {mode: 'x'}}).given).toEqual({
    args: [{tensor: 0}, 3, [{tensor: 1}]],
    kwargs: {mode: 'x'},
  });
  expect(() => given(7)).toThrow(/must be a list/);
});

test('inputs and outputs are one reference, a list, or any structure', () => {
  expect(portRefsOf(['a', 0, 0], 'x')).toEqual([ref('a')]);
  expect(
    portRefsOf(
      [
        ['a', 0, 0],
        ['b', 0, 1],
      ],
      'x',
    ),
  ).toEqual([ref('a'), ref('b', 0, 1)]);
  expect(portRefsOf({z: ['a', 0, 0], b: [['c', 0, 0]]}, 'x')).toEqual([ref('c'), ref('a')]);
  expect(portRefsOf([], 'x')).toEqual([]);
});

test.each([
  [7],
  [[7]],
  [[['a', 0]]],
  [[['a', 0, -1]]],
  [[['a', '0', 0]]],
  [{args: 7}],
  [{args: [{class_name: '__keras_tensor__'}]}],
  [{args: [{class_name: '__keras_tensor__', config: {keras_history: {toString: 1}}}]}],
  [[[{toString: 1}, 0, 0]]],
])('%j is no reference', node => {
  expect(() => inbound(node)).toThrow(/^(A connection|The connections) of 'x' must be/);
});

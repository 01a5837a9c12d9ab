import {describe, expect, test} from 'vitest';
import {open} from '../../../src/formats/open.ts';
import {evaluateGraph} from '../../../testing/evaluate-graph.ts';
import {differenceOf, numbersOf, readCases} from './_cases.ts';

describe('operators of ONNX give what onnxruntime gives', () => {
  test.each(readCases().map(each => [each.name, each] as const))('%s', async (_, {bytes, inputs, outputs}) => {
    const graph = await (await open(bytes)).graph();
    expect(differenceOf(outputs, evaluateGraph(graph, numbersOf(inputs)))).toBeLessThan(1e-5);
  });
});

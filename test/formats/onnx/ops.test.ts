import {describe, expect, test} from 'vitest';
import {open} from '../../../src/formats/open.ts';
import {compile} from '../../../src/inference/index.ts';
import {evaluateGraph} from '../../../testing/evaluate-graph.ts';
import {differenceOf, type Given, numbersOf, readCases} from './_cases.ts';

const CASES = readCases().map(each => [each.name, each] as const);

describe('operators of ONNX give what onnxruntime gives', () => {
  test.each(CASES)('%s, as ops of the graph are described', async (_, {bytes, inputs, outputs}) => {
    const graph = await (await open(bytes)).graph();
    expect(differenceOf(outputs, evaluateGraph(graph, numbersOf(inputs)))).toBeLessThan(1e-5);
  });

  test.each(CASES)('%s, in the engine', async (_, {bytes, inputs, outputs}) => {
    const engine = await compile(bytes);
    try {
      const found = await engine.predict(floatsOf(inputs));
      const named = Object.fromEntries(Object.entries(found).map(([name, data]) => [name, {data}]));
      expect(differenceOf(outputs, named)).toBeLessThan(1e-4);
    } finally {
      engine.dispose();
    }
  });
});

/** Inputs by name. */
function floatsOf(given: Given): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(numbersOf(given)).map(([name, data]) => [name, Float32Array.from(data)]));
}

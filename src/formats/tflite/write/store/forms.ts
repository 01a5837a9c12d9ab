import type {OperatorName} from '../../schema-operators.ts';

/** What the elements of weights are stored as; `levels` are int8 already, and computed with as such. */
export type Precision = 'float16' | 'float32' | 'int8' | 'levels';

/**
 * Blocks, by their elements, in which each operator's kernel may leave zeros out: what every runtime computes right
 * that was tried, when `DENSIFY` (and `DEQUANTIZE`) stand between. Operators not here store all elements.
 */
const BLOCKS: Readonly<Record<Precision, {readonly [Name in OperatorName]?: readonly number[]}>> = {
  float32: {CONV_2D: [1, 4], DEPTHWISE_CONV_2D: [1, 4], FULLY_CONNECTED: [1, 4]},
  float16: {CONV_2D: [1, 4], DEPTHWISE_CONV_2D: [1], FULLY_CONNECTED: [1, 4]},
  int8: {CONV_2D: [1, 4], DEPTHWISE_CONV_2D: [1, 4], FULLY_CONNECTED: [1, 4]},
  levels: {CONV_2D: [1], DEPTHWISE_CONV_2D: [1]},
};

/** The block sizes that all of these operators allow for a kernel of theirs. */
export function blocksFor(precision: Precision, operators: readonly OperatorName[]): readonly number[] {
  const [first, ...rest] = operators.map(name => BLOCKS[precision][name] ?? []);
  return (first ?? []).filter(block => rest.every(blocks => blocks.includes(block)));
}

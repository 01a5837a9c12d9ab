import {readFileSync} from 'node:fs';
import {join} from 'node:path';

/** Numbers nested as deep as the weight has dimensions. */
export type Nested = number | readonly Nested[];

/** The masks of `test/fixtures/pruning-vectors.json`: inputs and expected outputs, computed apart from this library. */
export interface Vectors {
  readonly keepCount: readonly {size: number; sparsity: number; keep: number}[];
  readonly unstructuredMask: readonly (MaskVector & {sparsity: number; keep: number; threshold: number})[];
  readonly blockMask: readonly (MaskVector & {
    sparsity: number;
    block: [number, number];
    pool: 'AVG' | 'MAX';
    threshold: number;
    keepBlocks: number;
  })[];
  readonly mByNMask: readonly (MaskVector & {m_by_n: [number, number]})[];
}

export interface MaskVector {
  readonly name: string;
  readonly weights: Nested;
  readonly mask: Nested;
}

export const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/pruning-vectors.json'), 'utf8'),
) as Vectors;

export function shapeOf(nested: Nested): number[] {
  return Array.isArray(nested) ? [nested.length, ...shapeOf(nested[0] as Nested)] : [];
}

export function flat(nested: Nested): number[] {
  return Array.isArray(nested) ? (nested as Nested[]).flatMap(flat) : [nested as number];
}

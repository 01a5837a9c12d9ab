import {readFileSync} from 'node:fs';
import {join} from 'node:path';

/** Numbers nested as deep as the weight has dimensions. */
export type Nested = number | readonly Nested[];

/** `test/fixtures/pruning-vectors.json`: inputs and expected outputs, computed apart from this library. */
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
  readonly polynomialDecaySparsity: readonly {
    initial: number;
    final: number;
    begin: number;
    end: number;
    power: number;
    values: Values<number>;
  }[];
  readonly shouldPruneInStep: readonly {
    begin: number;
    end: number;
    frequency: number;
    schedule: string;
    values: Values<boolean>;
  }[];
  readonly trainingTrace: readonly TraceVector[];
  readonly paramCounts: {
    readonly unpruned: {readonly total: number};
    readonly pruned: {
      readonly total: number;
      readonly trainable: number;
      readonly nonTrainable: number;
      readonly perLayer: Readonly<Record<string, number>>;
    };
  };
}

type Values<T> = readonly (readonly [step: number, value: T])[];

export interface MaskVector {
  readonly name: string;
  readonly weights: Nested;
  readonly mask: Nested;
}

/** A training of four weights by hand. */
export interface TraceVector {
  readonly name: string;
  readonly lr: number;
  readonly steps: readonly TraceStep[];
  readonly weightsAfterEpochEnd: number[];
}

export interface TraceStep {
  readonly pruningStep: number;
  readonly mask: number[];
  readonly threshold: number;
  readonly weightsUsedInForward: number[];
  readonly output: number;
  readonly weightsAfterOptimizer: number[];
}

export const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/pruning-vectors.json'), 'utf8'),
) as Vectors;

export function shapeOf(nested: Nested): number[] {
  return Array.isArray(nested) ? [nested.length, ...shapeOf(nested[0] as Nested)] : [];
}

export function flat(nested: Nested): number[] {
  return Array.isArray(nested) ? (nested as Nested[]).flatMap(flat) : [nested as number];
}

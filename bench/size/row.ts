/** One line of the size table. */
export interface Row {
  readonly model: string;
  readonly what: string;
  readonly bytes: number;
  /** Of the dense float32 weights. */
  readonly rawBytes: number;
  /** Percent of the 10,000 test images; `undefined` where the model is not a classifier of MNIST. */
  readonly accuracy?: number;
  /** Percent, of the model it is measured against, and what that is. */
  readonly reference?: {readonly accuracy: number; readonly what: string};
  /** The same quantised values under general compressors, in bytes. */
  readonly gzip?: number;
  readonly brotli?: number;
  /** Whole file over the zero-order entropy of the weights. */
  readonly overEntropy?: number;
  readonly seconds?: {readonly compress: number; readonly decompress: number};
  readonly target: string;
  /** `undefined` where there is no target. */
  readonly met?: boolean;
}

/** The row as cells of a table. */
export function cells(row: Row): string[] {
  const bytes = (value: number | undefined): string => value?.toLocaleString('en-US') ?? '';
  return [
    row.model,
    row.what,
    bytes(row.bytes),
    `${(row.rawBytes / row.bytes).toFixed(1)}x`,
    row.accuracy === undefined ? '' : `${row.accuracy.toFixed(2)} %`,
    row.reference === undefined ? '' : `${row.reference.accuracy.toFixed(2)} % ${row.reference.what}`,
    bytes(row.gzip),
    bytes(row.brotli),
    row.overEntropy?.toFixed(3) ?? '',
    row.target,
    row.met === undefined ? '' : row.met ? 'yes' : 'no',
  ];
}

/** The titles above {@link cells}. */
export const HEADER = [
  'model',
  'what',
  'bytes',
  'smaller',
  'accuracy',
  'against',
  'gzip -9',
  'brotli -11',
  '/ entropy',
  'target',
  'met',
] as const;

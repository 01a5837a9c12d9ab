/** What went wrong, as a stable word a program can branch on. Messages may change, codes do not. */
export type ErrorCode =
  | 'invalid-argument'
  | 'invalid-sparsity'
  | 'invalid-schedule'
  | 'invalid-block-size'
  | 'invalid-m-by-n'
  | 'unsupported-layer'
  | 'unsupported-model'
  | 'nothing-to-prune'
  | 'nothing-to-cluster'
  | 'model-not-built'
  | 'missing-callback'
  | 'no-pruned-layers'
  | 'no-clustered-layers'
  | 'duplicate-tfjs'
  | 'non-finite-weight'
  | 'mask-mismatch'
  | 'file-exists'
  | 'file-not-found'
  | 'read-failed'
  | 'write-failed'
  | 'corrupt-file'
  | 'invalid-model'
  | 'invalid-topology'
  | 'invalid-weights'
  | 'invalid-input'
  | 'memory-limit'
  | 'missing-webassembly'
  | 'disposed'
  | 'missing-backend';

/**
 * The one error class of this library. Its message says what must hold, what was given and what to do.
 *
 * @example
 * try {
 *   tfmot.sparsity.constantSparsity({targetSparsity: 90, beginStep: 0});
 * } catch (error) {
 *   if (tfmot.isTfmotError(error) && error.code === 'invalid-sparsity') showHint(error.message);
 * }
 */
export class TfmotError extends Error {
  override readonly name = 'TfmotError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether `error` came from this library, also when two copies of it are loaded. */
export function isTfmotError(error: unknown): error is TfmotError {
  return error instanceof Error && error.name === 'TfmotError' && 'code' in error;
}

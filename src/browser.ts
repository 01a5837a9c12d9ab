/** The face of the script build: everything of the package's main entry, and the training kernels beside it. */
export * from './index.ts';
export * as wasmTraining from './wasm-training/index.ts';

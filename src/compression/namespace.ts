/**
 * The namespace `compression` of the main entry: a module of its own, so that the build adds no name to the entry
 * `./compression`.
 */
export * from './index.ts';

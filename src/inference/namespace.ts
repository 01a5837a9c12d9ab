/**
 * The namespace `inference` of the main entry: a module of its own, so that the build adds no name to the entry
 * `./inference`.
 */
export * from './index.ts';

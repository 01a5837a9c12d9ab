import {existsSync} from 'node:fs';
import {hasNsfwModels} from '../testing/nsfwjs.ts';
import {isPublished, PUBLISHED} from '../testing/published.ts';

/** Something a suite cannot run without. */
export interface Need {
  readonly isMet: boolean;
  /** What brings it, as the list of skipped tests names it. */
  readonly by: string;
}

/** Debian's browser, which Playwright drives. */
export const CHROMIUM = '/usr/bin/chromium';

/** Whether the proofs that take minutes run too. */
export const FULL: boolean = process.env['TFMOT_TEST_FULL'] === '1';

export const chromiumInstalled: Need = {isMet: existsSync(CHROMIUM), by: CHROMIUM};
export const fullRun: Need = {isMet: FULL, by: 'npm run test:full'};
export const publishedModels: Need = {isMet: PUBLISHED.length > 40, by: 'npm run models'};
/** Models of Python's keras.applications with what they compute. */
export const KERAS_MODELS: URL = new URL('../.cache/keras/', import.meta.url);
export const kerasModels: Need = {isMet: existsSync(KERAS_MODELS), by: 'python tools/keras/files.py --large'};
export const onnxModels: Need = {isMet: isPublished('silero_vad_v5.onnx'), by: 'npm run models'};
export const tfliteModels: Need = {
  isMet: isPublished('face_detection_full_range_sparse.tflite'),
  by: 'npm run models',
};
export const nsfwModels: Need = {isMet: hasNsfwModels(), by: 'npm run models'};

/** The needs that are not met as a note for the name of what is skipped, ` [needs ...]`; empty when it can run. */
export function unmet(...needs: readonly Need[]): string {
  const missing = needs.filter(({isMet}) => !isMet).map(({by}) => by);
  return missing.length === 0 ? '' : ` [needs ${missing.join(' and ')}]`;
}

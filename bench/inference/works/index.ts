import {inceptionV3} from './inception-v3.ts';
import {mnistCnnBatch1, mnistCnnBatch32} from './mnist-cnn.ts';
import {mobilenetLike} from './mobilenet-like.ts';
import {convolutions, denseBatch1, denseBatch64, lstm} from './single-layers.ts';
import type {Work} from './work.ts';

/** What is measured, single layers first. */
export const WORKS: readonly Work[] = [
  denseBatch1,
  denseBatch64,
  ...convolutions,
  lstm,
  mnistCnnBatch1,
  mnistCnnBatch32,
  mobilenetLike,
  inceptionV3,
];

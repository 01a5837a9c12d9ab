import {inceptionV3} from './inception-v3.ts';
import {mnistCnnBatch1, mnistCnnBatch32} from './mnist-cnn.ts';
import {mobilenetLike} from './mobilenet-like.ts';
import {conv1x1Large, conv1x1Medium, conv1x1Small, conv3x3, denseBatch1, denseBatch64, lstm} from './single-layers.ts';
import type {Work} from './work.ts';

/** What is measured, single layers first. */
export const WORKS: readonly Work[] = [
  denseBatch1,
  denseBatch64,
  conv1x1Large,
  conv1x1Medium,
  conv1x1Small,
  conv3x3,
  lstm,
  mnistCnnBatch1,
  mnistCnnBatch32,
  mobilenetLike,
  inceptionV3,
];

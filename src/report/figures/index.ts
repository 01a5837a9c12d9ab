import {animation} from './animation.ts';
import type {Figure} from './figure.ts';
import {histograms} from './histograms.ts';
import {latency} from './latency.ts';
import {layers} from './layers.ts';
import {masks} from './masks.ts';
import {network} from './network.ts';
import {ramp} from './ramp.ts';
import {sizes} from './sizes.ts';
import {training} from './training.ts';

/** Every figure, in the order of the page: the one list that a new figure joins. */
export const FIGURES: readonly Figure[] = [
  sizes,
  latency,
  layers,
  network,
  masks,
  histograms,
  ramp,
  animation,
  training,
];

import type {serialization} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';
import {rebuild} from '../../live/rebuild/rebuild.ts';
import {type SavedLayer, savedLayer} from '../../live/rebuild/saved-layer.ts';
import {trainableNormalization} from '../../live/trainable/normalization.ts';
import type {PruningSchedule, PruningScheduleConfig} from '../schedules/schedule.ts';
import {pruningScheduleFromConfig} from '../schedules/schedule-registry.ts';
import type {PruningParams, PruningSettings} from './settings.ts';

/** The class name under which wrappers are registered, as in the Python toolkit. */
export const WRAPPER_CLASS = 'PruneLowMagnitude';

/** Constructor arguments of a wrapper. */
export interface PruneLowMagnitudeArgs extends PruningParams {
  readonly layer: layers.Layer;
}

/** What a saved wrapper says of itself, besides what every layer does. Python's files may lack the last key. */
interface WrapperConfig {
  readonly layer: SavedLayer;
  readonly pruningSchedule: PruningScheduleConfig | (() => PruningSchedule);
  readonly blockSize?: readonly [number, number];
  readonly blockPoolingType?: string;
  readonly sparsityMByN?: readonly [number, number] | null;
}

/** The configuration that a wrapper saves. */
export function wrapperConfig(layer: layers.Layer, {schedule, pattern}: PruningSettings): serialization.ConfigDict {
  const config: WrapperConfig = {
    layer: {...savedLayer(layer)},
    pruningSchedule: schedule.getConfig(),
    blockSize: pattern.type === 'block' ? pattern.size : [1, 1],
    blockPoolingType: pattern.type === 'block' ? pattern.pooling : 'AVG',
    sparsityMByN: pattern.type === 'm-by-n' ? [pattern.m, pattern.n] : null,
  };
  return config as unknown as serialization.ConfigDict;
}

/**
 * What stands in a model's configuration in place of `layer` while the model is rebuilt with it wrapped. The schedule
 * stays the caller's own object, behind a function that TensorFlow.js' walk over configurations does not enter: only a
 * model that is loaded from a file needs its schedule registered.
 */
export function wrapped(layer: layers.Layer, settings: PruningSettings): SavedLayer {
  const config = {
    ...wrapperConfig(layer, settings),
    name: wrapperName(layer),
    pruningSchedule: () => settings.schedule,
  };
  return {className: WRAPPER_CLASS, config: config as unknown as serialization.ConfigDict};
}

/** The name of the wrapper around `layer`. */
export function wrapperName(layer: layers.Layer): string {
  return `prune_low_magnitude_${layer.name}`;
}

/** The constructor arguments of a saved wrapper, with the inner layer made anew. */
export function argsFromConfig(config: serialization.ConfigDict): PruneLowMagnitudeArgs {
  const {layer, pruningSchedule, blockSize, blockPoolingType, sparsityMByN} = config as unknown as WrapperConfig;
  return {
    // Files of the Python toolkit hold the plain class.
    layer: rebuild(trainableNormalization(layer)),
    pruningSchedule:
      typeof pruningSchedule === 'function' ? pruningSchedule() : pruningScheduleFromConfig(pruningSchedule),
    blockSize: blockSize ?? [1, 1],
    // TensorFlow.js saves string values in lower case.
    blockPoolingType: (blockPoolingType ?? 'AVG').toUpperCase() as 'AVG' | 'MAX',
    sparsityMByN: sparsityMByN ?? null,
  };
}

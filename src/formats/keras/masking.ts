import type {LayerSpec} from './config.ts';
import {flag, isRecord, unsupported} from './config.ts';
import type {SavedBy} from './saved-by.ts';
import {MODEL_CLASSES} from './topology.ts';

/**
 * What a layer does with a mask, the note of which time steps an `Embedding` with `maskZero` wants skipped:
 * - `heeds`: computes something else because of it;
 * - `passes`: computes the same, and hands it on;
 * - `drops`: computes the same, and what comes after it knows of no mask.
 */
type MaskRole = 'heeds' | 'passes' | 'drops';

const HEEDING: readonly string[] = ['Bidirectional', 'GRU', 'LSTM', 'SimpleRNN', 'Softmax'];
/** Layers that hand masks on. Where Keras 2 and 3 differ, those of either: a mask too many is refused, not ignored. */
const PASSING: readonly string[] = [
  ...['Activation', 'ActivityRegularization', 'Add', 'AlphaDropout', 'Average', 'BatchNormalization'],
  ...['BatchNormalizationV1', 'Concatenate', 'Dense', 'Dropout', 'ELU', 'Embedding', 'GaussianDropout'],
  ...[
    'GaussianNoise',
    'GroupNormalization',
    'Identity',
    'LayerNormalization',
    'LeakyReLU',
    'Maximum',
    'Minimum',
    'Multiply',
  ],
  ...[
    'Normalization',
    'PReLU',
    'Permute',
    'ReLU',
    'Rescaling',
    'SpatialDropout1D',
    'Subtract',
    'ThresholdedReLU',
    'UnitNormalization',
  ],
];

/** Whether a layer makes a mask of its own. */
export function makesMask(layer: LayerSpec): boolean {
  if (layer.className === 'Embedding') return flag(layer, 'maskZero', false);
  const inner = innerOf(layer);
  return inner?.className === 'Embedding' && inner.config['maskZero'] === true;
}

/**
 * Whether the outputs of a layer that was called with a mask are masked.
 *
 * @throws TfmotError `unsupported-layer` when the mask would change what the layer computes.
 */
export function handsMaskOn(layer: LayerSpec, savedBy: SavedBy): boolean {
  const role = roleOf(layer, savedBy);
  if (role !== 'heeds') return role === 'passes';
  throw unsupported(
    layer,
    `would skip the time steps that an Embedding before it masks, and masks are not supported. Train with maskZero: false (mask_zero=False).`,
  );
}

function roleOf(layer: LayerSpec, savedBy: SavedBy): MaskRole {
  const {className} = layer;
  if (HEEDING.includes(className)) return 'heeds';
  // TensorFlow.js averages masked steps like any others.
  if (className === 'GlobalAveragePooling1D') return savedBy === 'tfjs' ? 'drops' : 'heeds';
  if (className === 'TimeDistributed') {
    const inner = innerOf(layer);
    const unsure = inner === undefined || MODEL_CLASSES.includes(inner.className);
    return unsure || roleOf(inner, savedBy) === 'heeds' ? 'heeds' : 'passes';
  }
  return PASSING.includes(className) ? 'passes' : 'drops';
}

/** The layer inside a wrapper, as far as its class and config tell. */
function innerOf({name, config}: LayerSpec): LayerSpec | undefined {
  const inner = config['layer'];
  if (!isRecord(inner) || typeof inner['className'] !== 'string' || !isRecord(inner['config'])) return undefined;
  return {name, className: inner['className'], config: inner['config']};
}

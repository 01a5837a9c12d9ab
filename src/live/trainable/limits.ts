import type {layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import {partsOf} from '../parts.ts';
import {insideLayer} from '../tfjs-private.ts';
import {originalClass} from './normalization.ts';

/** What TensorFlow.js cannot do with a layer. */
interface Limit {
  /** A clause after "TensorFlow.js". */
  readonly what: string;
  /** Whether it fails only where a gradient passes, so that the layer may be part of a model that trains around it. */
  readonly gradientAlone: boolean;
}

type Settings = Readonly<Record<string, unknown>>;
type Rule = (settings: Settings, layer: layers.Layer) => Limit | undefined;

const noGradient = (what: string): Limit => ({what: `has no gradient of ${what}`, gradientAlone: true});
const cannotRun = (what: string): Limit => ({what: `cannot run ${what}`, gradientAlone: false});

const dilated: Rule = ({dilationRate}) =>
  [dilationRate].flat().some(rate => Number(rate) > 1)
    ? noGradient(`a dilated convolution (dilationRate ${JSON.stringify(dilationRate)})`)
    : undefined;

/** By class. Every row was seen to fail on the cpu backend and on wasm with this library's training kernels. */
const RULES: Readonly<Record<string, Rule>> = {
  BatchNormalization: ({axis}, layer) => {
    const rank = rankOf(layer);
    if (rank === undefined) return undefined;
    if (rank > 4) return cannotRun(`batch normalisation of rank ${rank}`);
    const isLast = [axis].flat().every(each => each === -1 || each === rank - 1);
    return isLast
      ? undefined
      : noGradient(`batch normalisation on another axis than the last (axis ${axis} of ${rank})`);
  },
  CenterCrop: () => noGradient('a CenterCrop'),
  Conv1D: (settings, layer) =>
    settings['padding'] === 'causal' ? cannotRun('causal padding') : dilated(settings, layer),
  Conv2D: dilated,
  Conv3D: dilated,
  Conv3DTranspose: () => noGradient('a Conv3DTranspose'),
  ConvLSTM2D: dilated,
  ConvLSTM2DCell: dilated,
  Masking: () => noGradient('a Masking'),
  SeparableConv2D: dilated,
  ThresholdedReLU: () => noGradient('a ThresholdedReLU'),
};

/** Classes without weights: a gradient passes them only where something before them is trained. */
const WEIGHTLESS: ReadonlySet<string> = new Set(['CenterCrop', 'Masking', 'ThresholdedReLU']);

/**
 * Checks that a layer can be trained, or trained around.
 *
 * @param onGradientPath Whether a gradient passes it; for a layer that is in no model yet, whether its own weights are
 *     trained.
 * @throws TfmotError `unsupported-layer` naming the layer and what TensorFlow.js cannot do.
 */
export function checkTrainable(layer: layers.Layer, onGradientPath: boolean = trainsItself(layer)): void {
  const found = limitOf(layer);
  if (found === undefined || (found.gradientAlone && !onGradientPath)) return;
  const cure = found.gradientAlone
    ? 'Freeze it and what feeds it (layer.trainable = false) before pruning or clustering, or build the model without it.'
    : 'Build the model without it.';
  throw new TfmotError(
    'unsupported-layer',
    `Every layer must be trainable where pruning or clustering starts, but TensorFlow.js ${found.what}, which layer '${layer.name}' (${layer.getClassName()}) needs. ${cure}`,
  );
}

function limitOf(layer: layers.Layer): Limit | undefined {
  const className = originalClass(layer.getClassName());
  if (Object.hasOwn(RULES, className)) return RULES[className]!(layer.getConfig(), layer);
  const {layer: wrapped} = insideLayer(layer);
  for (const [, part] of partsOf(layer) ?? (wrapped === undefined ? [] : [['', wrapped] as const])) {
    const found = limitOf(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

function trainsItself(layer: layers.Layer): boolean {
  return layer.built ? layer.trainableWeights.length > 0 : layer.trainable && !WEIGHTLESS.has(layer.getClassName());
}

/** How many axes the input of a layer has; `undefined` while that is not known. */
function rankOf(layer: layers.Layer): number | undefined {
  return layer.inputSpec?.[0]?.ndim ?? layer.batchInputShape?.length;
}

import {TfmotError} from '../../../errors.ts';
import {HDF5_SIGNATURE, type Hdf5File, openHdf5} from '../../hdf5/file.ts';
import {readMember, readZip, type ZipMember} from '../../zip/zip.ts';
import {type Config, isRecord} from '../config.ts';

/** A file of Keras taken apart: the model as text had it, and its weights. */
export interface Container {
  readonly kind: 'keras-h5' | 'keras';
  /** The model: class name and config, keys as they were saved. */
  readonly model: unknown;
  /** The version of Keras, as far as the file says it. */
  readonly version: string | undefined;
  readonly weights: Hdf5File;
  /** Where the HDF5 file begins in the whole; null where it is deflated. */
  readonly start: number | null;
}

/** The member of a `.keras` file with the weights. */
export const WEIGHTS_MEMBER = 'model.weights.h5';

/** Whether bytes begin like a `.h5` file, or like a zip file. */
export function startsLike(bytes: Uint8Array): Container['kind'] | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, 8));
  if (text === HDF5_SIGNATURE) return 'keras-h5';
  return text.startsWith('PK\x03\x04') ? 'keras' : undefined;
}

/**
 * Opens a `.h5` or `.keras` file.
 *
 * @throws TfmotError `corrupt-file` when it is damaged or neither; `unsupported-model` when it holds no whole model, or
 *     its weights in another form.
 */
export function openContainer(bytes: Uint8Array): Container {
  const kind = startsLike(bytes);
  if (kind === 'keras-h5') return openH5(bytes);
  if (kind === 'keras') return openKeras(bytes);
  throw new TfmotError(
    'corrupt-file',
    'A Keras file must be an HDF5 (.h5) or zip (.keras) file, but is neither. Fetch it again.',
  );
}

function openH5(bytes: Uint8Array): Container {
  const weights = openHdf5(bytes);
  const attributes = weights.attributes('');
  const config = attributes.get('model_config');
  if (typeof config !== 'string') {
    if (weights.has('layers') || weights.has('_layer_checkpoint_dependencies') || attributes.has('layer_names'))
      throw weightsOnly('The file holds weights alone, and no model that they belong to');
    throw new TfmotError(
      'unsupported-model',
      'The HDF5 file holds no Keras model: it has no model_config. Save one with model.save().',
    );
  }
  const version = attributes.get('keras_version');
  return {kind: 'keras-h5', model: parsed(config, 'model_config'), version: textOf(version), weights, start: 0};
}

function openKeras(bytes: Uint8Array): Container {
  const {members} = readZip(bytes);
  const member = (name: string): ZipMember | undefined => members.find(candidate => candidate.name === name);
  const [config, weights, metadata] = [member('config.json'), member(WEIGHTS_MEMBER), member('metadata.json')];
  if (config === undefined) {
    if (weights !== undefined)
      throw weightsOnly('The zip file holds weights alone, and no config.json that they belong to');
    throw new TfmotError(
      'unsupported-model',
      'The zip file holds no Keras model: it has no config.json. Save one with model.save().',
    );
  }
  if (weights === undefined) {
    const others = members.filter(({name}) => name.startsWith('model.weights')).map(({name}) => name);
    const what = others.length > 0 ? `has its weights in ${others.join(', ')}` : 'has no weights';
    throw new TfmotError(
      'unsupported-model',
      `The .keras file must have ${WEIGHTS_MEMBER}, but ${what}. Load it with Keras and save it with model.save('model.keras').`,
    );
  }
  const facts = metadata === undefined ? {} : parsed(textIn(bytes, metadata), 'metadata.json');
  return {
    kind: 'keras',
    model: parsed(textIn(bytes, config), 'config.json'),
    version: isRecord(facts) ? textOf((facts as Config)['keras_version']) : undefined,
    weights: openHdf5(readMember(bytes, weights)),
    start: weights.method === 0 ? weights.data.from : null,
  };
}

function textIn(bytes: Uint8Array, member: ZipMember): string {
  return new TextDecoder().decode(readMember(bytes, member));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TfmotError(
      'invalid-topology',
      `The ${name} of the Keras file must be JSON, but is not. Save the model again.`,
      {cause},
    );
  }
}

function weightsOnly(what: string): TfmotError {
  return new TfmotError(
    'unsupported-model',
    `${what}. Load them into the model in Python, and save all of it: model.save('model.keras').`,
  );
}

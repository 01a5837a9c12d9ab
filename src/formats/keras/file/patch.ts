import {TfmotError} from '../../../errors.ts';
import {withDatasets} from '../../hdf5/with-datasets.ts';
import {readMember, readZip, withMember} from '../../zip/zip.ts';
import {WEIGHTS_MEMBER} from './container.ts';
import {listWeights} from './read.ts';
import {fromValues} from './values.ts';

/**
 * A Keras file with other values for some weights, which stay in their dtype. Everything else keeps its bytes; what was
 * deflated or in pieces comes back stored in one stretch where its values change. The members of a `.keras` file keep
 * their order and dates.
 *
 * @param changed Values by the names that `readKerasFile` gives the weights.
 * @throws TfmotError `invalid-argument` for a name that the file lacks, another number of values, values beyond float16
 *     for a weight stored so, or a weight of whole numbers; else as `readKerasFile`.
 */
export function patchKerasFile(bytes: Uint8Array, changed: ReadonlyMap<string, Float32Array>): Uint8Array<ArrayBuffer> {
  const {container, weights} = listWeights(bytes);
  const known = new Map(weights.map(weight => [weight.name, weight]));
  const contents = new Map<string, Uint8Array>();
  for (const [name, values] of changed) {
    const weight = known.get(name);
    if (weight === undefined)
      throw new TfmotError(
        'invalid-argument',
        `The model has no weight '${name}'. It has ${[...known.keys()].join(', ')}.`,
      );
    const {shape, dtype} = weight.dataset;
    const elements = shape.reduce((product, size) => product * size, 1);
    if (values.length !== elements)
      throw new TfmotError(
        'invalid-argument',
        `Weight '${name}' of shape [${shape}] needs ${elements} values, but got ${values.length}.`,
      );
    contents.set(weight.path, fromValues(name, dtype, values));
  }
  if (container.kind === 'keras-h5') return withDatasets(bytes, contents);
  if (contents.size === 0) return bytes.slice();
  const zip = readZip(bytes);
  const member = zip.members.find(({name}) => name === WEIGHTS_MEMBER)!;
  return withMember(bytes, zip, WEIGHTS_MEMBER, withDatasets(readMember(bytes, member), contents));
}

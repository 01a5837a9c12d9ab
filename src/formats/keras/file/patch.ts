import {TfmotError} from '../../../errors.ts';
import {withDatasets} from '../../hdf5/with-datasets.ts';
import {withMember} from '../../zip/with-member.ts';
import {readMember, readZip} from '../../zip/zip.ts';
import {WEIGHTS_MEMBER} from './container.ts';
import {listWeights} from './read.ts';

/**
 * A Keras file with other bytes for some weights. Everything else keeps its bytes; what was deflated or in pieces comes
 * back stored in one stretch where it changes. The members of a `.keras` file keep their order and dates.
 *
 * @param changed Elements in the dtype of the file (`fromValues`), by the names that `readKerasFile` gives the weights.
 * @throws TfmotError `invalid-argument` for a name that the file lacks, or another number of bytes; else as
 *     `readKerasFile`.
 */
export function patchKerasFile(bytes: Uint8Array, changed: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const {container, weights} = listWeights(bytes);
  const paths = new Map(weights.map(({name, path}) => [name, path]));
  const contents = new Map<string, Uint8Array>();
  for (const [name, content] of changed) {
    const path = paths.get(name);
    if (path === undefined)
      throw new TfmotError(
        'invalid-argument',
        `The model has no weight '${name}'. It has ${[...paths.keys()].join(', ')}.`,
      );
    contents.set(path, content);
  }
  if (container.kind === 'keras-h5') return withDatasets(bytes, contents);
  if (contents.size === 0) return bytes.slice();
  const zip = readZip(bytes);
  const member = zip.members.find(({name}) => name === WEIGHTS_MEMBER)!;
  return withMember(bytes, zip, WEIGHTS_MEMBER, withDatasets(readMember(bytes, member), contents));
}

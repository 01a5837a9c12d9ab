import type {StoredDtype} from '../../artifacts/dtypes.ts';
import type {FileFormat, PlacedWeight} from '../file-format.ts';
import {type OnnxModel, readModel} from './read-model.ts';
import {corrupt} from './read-protobuf.ts';
import {elementTypeOf, placeOf} from './read-tensor.ts';
import {namesOfTensors} from './tensors.ts';
import {tensorUses} from './weight-uses.ts';

/** `.onnx` files: weights are initializers and `Constant` nodes, and change in their places. */
export const onnxFormat: FileFormat = {
  read: file => {
    const model = readModel(file);
    return {places: placesIn(model), graph: async options => (await import('./graph.ts')).graphOf(model, options)};
  },
};

const DTYPES: Readonly<Record<string, StoredDtype>> = {float: 'float32', float16: 'float16', int32: 'int32'};

/** Every tensor of the file whose numbers lie in one piece, in the order in which they lie there. */
function placesIn(model: OnnxModel): readonly PlacedWeight[] {
  const uses = tensorUses(model);
  const places: PlacedWeight[] = [];
  for (const [tensor, name] of namesOfTensors(model)) {
    const dtype = DTYPES[elementTypeOf(tensor)?.name ?? ''];
    const span = dtype === undefined ? null : placeOf(tensor);
    if (dtype === undefined || span === null) continue;
    const {from, to} = span;
    places.push({name, shape: tensor.shape, dtype, uses: uses.get(tensor) ?? [], from, to});
  }
  places.sort((a, b) => a.from - b.from);
  places.forEach(({name, from}, i) => {
    if (from < (places[i - 1]?.to ?? 0)) throw corrupt(from, `tensor '${name}' lies over another`);
  });
  return places;
}

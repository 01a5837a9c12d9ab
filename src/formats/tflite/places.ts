import type {StoredDtype} from '../../artifacts/dtypes.ts';
import type {Grid, Use} from '../../artifacts/open-model.ts';
import {corrupt} from './read-flatbuffer.ts';
import type {TfliteModel} from './read-model.ts';
import {decodeTensor, encodeTensor, isStored, placesOf, type StoredTensor} from './read-values.ts';
import {tensorUses} from './weight-uses.ts';

/** One constant tensor of a file: where its content lies, and what it is. Tensors that share content are one. */
export interface Place {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: StoredDtype;
  /** Where one grid holds for all of it. */
  readonly grid?: Grid;
  /** None where something unknown uses it. */
  readonly uses: readonly Use[];
  /** `[from, to)` in the file. */
  readonly from: number;
  readonly to: number;
  decode(bytes: Uint8Array): Float32Array;
  encode(values: Float32Array): Uint8Array;
}

/** A tensor and what uses it; null where something unknown does. */
interface Owner {
  readonly tensor: StoredTensor;
  readonly uses: readonly Use[] | null;
}

/**
 * Every constant of a file, of all its graphs, in the order in which they lie there.
 *
 * @throws TfmotError `corrupt-file` where the content of one lies over another's, or does not fit its shape.
 */
export function placesIn({graphs}: TfliteModel): readonly Place[] {
  const owners = new Map<number, Owner[]>();
  for (const graph of graphs) {
    const uses = tensorUses(graph);
    graph.tensors.forEach((tensor, i) => {
      if (tensor.content === null || !isStored(tensor)) return;
      const {from} = tensor.content;
      const owner = {tensor, uses: uses.get(i) ?? (uses.has(i) ? null : [])};
      const known = owners.get(from);
      if (known === undefined) owners.set(from, [owner]);
      else known.push(owner);
    });
  }
  const names = new Set<string>();
  let end = 0;
  return [...owners]
    .sort(([a], [b]) => a - b)
    .map(([from, shared]) => {
      const [{tensor}] = shared as [Owner];
      const {to} = tensor.content!;
      if (from < end || shared.some(owner => owner.tensor.content!.to !== to))
        throw corrupt(from, `the content of tensor '${tensor.name}', which lies over another's`);
      end = to;
      placesOf(tensor);
      return {
        name: uniqueName(names, tensor.name),
        shape: tensor.shape,
        dtype: tensor.type,
        ...gridOf(tensor),
        uses: sharedUses(shared),
        from,
        to,
        decode: (bytes: Uint8Array) => decodeTensor(tensor, bytes),
        encode: (values: Float32Array) => encodeTensor(tensor, values),
      };
    });
}

/** What uses content that several tensors share: known only where all see the same numbers in it. */
function sharedUses(owners: readonly Owner[]): readonly Use[] {
  const [first] = owners as [Owner];
  const all = owners.map(({uses}) => uses);
  return all.includes(null) || owners.some(({tensor}) => !alike(tensor, first.tensor))
    ? []
    : all.flatMap(uses => uses!);
}

function alike(a: StoredTensor, b: StoredTensor): boolean {
  const facts = ({type, shape, quantization, sparsity}: StoredTensor): string =>
    JSON.stringify([type, shape, quantization, sparsity?.at]);
  return facts(a) === facts(b);
}

function gridOf({type, quantization}: StoredTensor): {grid?: Grid} {
  if (quantization?.scales.length !== 1 || (type !== 'int8' && type !== 'uint8')) return {};
  const scale = quantization.scales[0]!;
  const min = -quantization.zeroPoints[0]! * scale;
  return {grid: {scale, min: min === 0 ? 0 : min}};
}

/** A name that no other weight has: tensors may have empty names, or the same. */
function uniqueName(names: Set<string>, name: string): string {
  const base = name === '' ? 'tensor' : name;
  let unique = base;
  for (let i = 1; names.has(unique); i++) unique = `${base}:${i}`;
  names.add(unique);
  return unique;
}

import type {Grid, Use} from '../../artifacts/open-model.ts';
import type {PlacedWeight} from '../file-format.ts';
import {corrupt} from './read-flatbuffer.ts';
import type {TfliteModel} from './read-model.ts';
import {decodeTensor, encodeTensor, isStored, placesOf, type StoredTensor} from './read-values.ts';
import {tensorUses} from './weight-uses.ts';

/** A tensor and what uses it; null where something unknown does. */
interface Owner {
  readonly tensor: StoredTensor;
  readonly uses: readonly Use[] | null;
}

/**
 * Every constant of a file, of all its graphs, in the order in which they lie there. Tensors that share content are
 * one.
 *
 * @throws TfmotError `corrupt-file` where the content of one lies over another's, or does not fit its shape.
 */
export function placesIn({graphs}: TfliteModel): readonly PlacedWeight[] {
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
  const nameOf = uniqueNames();
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
        name: nameOf(tensor.name),
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

/** Gives names that no other weight has: tensors may have empty names, or the same. */
function uniqueNames(): (name: string) => string {
  const seen = new Map<string, number>();
  return name => {
    const base = name === '' ? 'tensor' : name;
    let count = seen.get(base) ?? 0;
    let unique = count === 0 ? base : `${base}:${count}`;
    while (seen.has(unique)) unique = `${base}:${++count}`;
    seen.set(base, count + 1);
    if (unique !== base) seen.set(unique, 1);
    return unique;
  };
}

import {eachField, messagesIn, type Span} from '../../src/formats/onnx/read-protobuf.ts';
import type {Dice} from '../../testing/dice.ts';

/** A file changed in one of many ways: `dice` say which. */
export function mutated(files: readonly Uint8Array[], dice: Dice): Uint8Array {
  const file = dice.pick(files);
  return dice.pick(MUTATIONS)(file, dice, dice.pick(files));
}

type Mutation = (file: Uint8Array, dice: Dice, other: Uint8Array) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  function flipBits(file, dice) {
    const copy = file.slice();
    for (let i = dice.whole(0, 3); i >= 0; i--) copy[dice.whole(0, copy.length - 1)]! ^= 1 << dice.whole(0, 7);
    return copy;
  },
  function changeField(file, dice) {
    const copy = file.slice();
    const {from, to} = dice.pick(fieldsIn(file));
    for (let i = dice.whole(0, 2); i >= 0 && to > from; i--) copy[dice.whole(from, to - 1)] = dice.pick(BYTES);
    return copy;
  },
  function changeTag(file, dice) {
    const copy = file.slice();
    copy[dice.pick(fieldsIn(file)).tag] = dice.whole(0, 255);
    return copy;
  },
  function changeLength(file, dice) {
    const copy = file.slice();
    const spans = fieldsIn(file).filter(({from, tag}) => from > tag + 1);
    const {from} = dice.pick(spans);
    copy[from - 1] = dice.pick(BYTES);
    return copy;
  },
  function swapFields(file, dice, other) {
    const [own, foreign] = [dice.pick(fieldsIn(file)), dice.pick(fieldsIn(other))];
    return Uint8Array.of(
      ...file.subarray(0, own.tag),
      ...other.subarray(foreign.tag, foreign.to),
      ...file.subarray(dice.chance(0.5) ? own.to : own.tag),
    );
  },
  function swapContents(file, dice, other) {
    // Of the same length, so that all around stays sound.
    const own = dice.pick(fieldsIn(file));
    const alike = fieldsIn(other).filter(({from, to}) => to - from === own.to - own.from);
    if (alike.length === 0) return file;
    const copy = file.slice();
    const {from, to} = dice.pick(alike);
    copy.set(other.subarray(from, to), own.from);
    return copy;
  },
  function truncate(file, dice) {
    return file.slice(0, dice.whole(0, file.length - 1));
  },
  function lengthen(file, dice) {
    const copy = new Uint8Array(file.length + dice.whole(1, 100));
    copy.set(file);
    for (let i = file.length; i < copy.length; i++) copy[i] = dice.whole(0, 255);
    return copy;
  },
];

/** Bytes that make numbers small, large, negative or without end. */
const BYTES: readonly number[] = [0, 1, 2, 3, 4, 7, 8, 16, 64, 127, 128, 129, 255];

interface Place extends Span {
  readonly tag: number;
}

/** The fields of a sound file, those inside others too. */
function fieldsIn(file: Uint8Array): readonly Place[] {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const places: Place[] = [];
  const visit = (span: Span, depth: number): void => {
    let tag = span.from;
    const inner: Place[] = [];
    try {
      eachField(messagesIn(file), span, ({from, to}) => {
        inner.push({tag, from, to});
        tag = to;
      });
    } catch {
      return; // Bytes that are no message.
    }
    places.push(...inner);
    if (depth < 12) for (const each of inner) if (each.to - each.from > 1) visit(each, depth + 1);
  };
  visit({from: 0, to: file.length}, 0);
  cache.set(file, places);
  return places;
}

const cache = new Map<Uint8Array, readonly Place[]>();

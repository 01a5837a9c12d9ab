import {readFileSync} from 'node:fs';
import {deflateSync} from 'fflate';
import {describe, expect, test} from 'vitest';
import {isTfmotError} from '../../src/errors.ts';
import {readKerasFile} from '../../src/formats/keras/file/read.ts';
import {graphOf} from '../../src/formats/keras/graph.ts';
import * as operations from '../../src/formats/keras/operations/index.ts';
import {withMember} from '../../src/formats/zip/with-member.ts';
import {readMember, readZip} from '../../src/formats/zip/zip.ts';
import {seeded} from '../../testing/seeded.ts';
import {FULL} from '../_needs.ts';

const MUTANTS = FULL ? 50_000 : 1000;
const NAMES = [
  ...[
    'cnn.k2.h5',
    'cnn_deflated.k2.h5',
    'cnn_pieces.k2.h5',
    'no_input_newer.k2.h5',
    'operations.k3.h5',
    'shared.k2.h5',
  ],
  ...['cnn.k3.keras', 'cnn_deflated.k3.keras', 'no_input_newer.k3.keras', 'operations.k3.keras', 'nested.k2.keras'],
];
const bytesOf = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../fixtures/keras-files/${file}`, import.meta.url)));

type Pick = (count: number) => number;
type Mutation = (bytes: Uint8Array, at: number, pick: Pick) => Uint8Array;

/** Numbers that fields of lengths, counts and addresses do not expect. */
const STRANGE = [0, 1, 2, 7, 255, 65_535, 2 ** 31, 2 ** 32 - 1, 2 ** 53, 2 ** 60];

function written(bytes: Uint8Array, at: number, width: number, value: number): Uint8Array {
  const copy = bytes.slice();
  let rest = value;
  for (let i = 0; i < width && at + i < copy.length; i++) {
    copy[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return copy;
}

const MUTATIONS: readonly Mutation[] = [
  function flipBits(bytes, at, pick) {
    const copy = bytes.slice();
    for (let i = pick(3); i >= 0; i--) copy[(at + i * pick(64)) % copy.length]! ^= 1 << pick(8);
    return copy;
  },
  function strangeNumber(bytes, at, pick) {
    return written(bytes, at - (at % 8), [1, 2, 4, 8][pick(4)]!, STRANGE[pick(STRANGE.length)]!);
  },
  // Circles: a place that refers to itself, or to any other.
  function ownAddress(bytes, at) {
    return written(bytes, at - (at % 8), 8, at - (at % 8));
  },
  function otherAddress(bytes, at, pick) {
    return written(bytes, at - (at % 8), 8, pick(bytes.length / 8) * 8);
  },
  function copiedStructure(bytes, at, pick) {
    const copy = bytes.slice();
    const from = pick(bytes.length);
    copy.set(bytes.subarray(from, Math.min(from + 8 + pick(64), bytes.length - at + from)), at);
    return copy;
  },
  function randomRun(bytes, at, pick) {
    const copy = bytes.slice();
    for (let i = at; i < Math.min(copy.length, at + 1 + pick(24)); i++) copy[i] = pick(2) ? 255 : pick(256);
    return copy;
  },
  function truncated(bytes, at) {
    return bytes.slice(0, at);
  },
];

/** The parts of a file that are no weights: where mutations do most harm. */
function structureOf(file: string): number[] {
  const bytes = bytesOf(file);
  const inside = new Uint8Array(bytes.length);
  for (const {at} of readKerasFile(bytes).places) if (at !== null) inside.fill(1, at.from, at.to);
  return Array.from(bytes.keys()).filter(at => inside[at] === 0);
}

const FILES = NAMES.map(name => ({name, bytes: bytesOf(name), structure: structureOf(name)}));

/** A mutated file; zip files have matching checksums half of the time, or what is in them would never be read. */
function mutant(pick: Pick): Uint8Array {
  const {name, bytes, structure} = FILES[pick(FILES.length)]!;
  const mutate = MUTATIONS[pick(MUTATIONS.length)]!;
  if (name.endsWith('.h5') || pick(2) === 0) return mutate(bytes, structure[pick(structure.length)]!, pick);
  const zip = readZip(bytes);
  const member = zip.members[pick(zip.members.length)]!;
  const content = readMember(bytes, member);
  return withMember(bytes, zip, member.name, mutate(content, pick(content.length), pick));
}

test(`${MUTANTS} mutated files are refused with a TfmotError or read, none beyond bounds`, () => {
  const random = seeded(9);
  const pick: Pick = count => Math.floor(random() * count);
  const ends = new Map<string, number>();
  for (let i = 0; i < MUTANTS; i++) {
    const bytes = mutant(pick);
    let end = 'read';
    try {
      const {artifacts} = readKerasFile(bytes);
      expect((artifacts.weightData as ArrayBuffer).byteLength).toBeLessThan(bytes.length * 1100);
      graphOf(artifacts, {}, operations);
    } catch (error) {
      if (!isTfmotError(error)) throw new Error(`mutant ${i}`, {cause: error});
      end = error.code;
    }
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  expect(ends.get('read')).toBeGreaterThan(MUTANTS / 20);
  expect(ends.get('corrupt-file')).toBeGreaterThan(MUTANTS / 5);
});

test('every truncation is refused', () => {
  for (const name of ['no_input.k2.h5', 'no_input.k3.keras']) {
    const bytes = bytesOf(name);
    for (let length = 0; length < bytes.length; length += 37)
      expect(() => readKerasFile(bytes.subarray(0, length)), `${length} of ${bytes.length}`).toThrow(
        expect.objectContaining({name: 'TfmotError', code: 'corrupt-file'}),
      );
  }
});

describe('bombs', () => {
  const h5 = bytesOf('cnn_deflated.k2.h5');

  test('a member that says it becomes more than it can', () => {
    const bytes = bytesOf('cnn_deflated.k3.keras');
    const {entry} = readZip(bytes).members.find(({name}) => name === 'model.weights.h5')!;
    const bomb = written(bytes, entry.from + 24, 4, 2 ** 31);
    expect(() => readKerasFile(bomb)).toThrow(/cannot become 2147483648/);
  });

  test('a member that becomes more than it says', () => {
    const bytes = bytesOf('no_input.k3.keras');
    const zip = readZip(bytes);
    const zeros = deflateSync(new Uint8Array(1_000_000));
    const bomb = withMember(bytes, zip, 'config.json', zeros);
    const {entry, header} = readZip(bomb).members.find(({name}) => name === 'config.json')!;
    bomb[entry.from + 10] = 8;
    bomb[header + 8] = 8;
    expect(() => readKerasFile(bomb)).toThrow(expect.objectContaining({code: 'corrupt-file'}));
  });

  test('a data set that is larger than its file can be', () => {
    const {places} = readKerasFile(h5);
    expect(places.some(({at}) => at === null)).toBe(true);
    // The sizes of a kernel [3, 3, 3, 4] in its header.
    const sizes = Uint8Array.of(...[3, 3, 3, 4].flatMap(size => [size, 0, 0, 0, 0, 0, 0, 0]));
    const at = Array.from(h5.keys()).find(place => sizes.every((byte, i) => h5[place + i] === byte))!;
    expect(() => readKerasFile(written(h5, at, 8, 2 ** 40))).toThrow(/is larger than its file can be/);
  });
});

import {TfmotError} from '../../../../errors.ts';
import type {Elements, Words} from '../elements.ts';
import type {CodingBy} from './tensor-header.ts';
import {placeOfWord, wordAtPlace} from './word-order.ts';

/** What the levels of a weight stand for: a row of levels to its words, and back. Rows come in order. */
export interface LevelMap {
  levels(words: Words, levels: Int32Array, length: number): void;
  /** @throws TfmotError `corrupt-file` for a level without a word. */
  words(levels: Int32Array, words: Words, length: number): void;
}

/** The map of a weight coded by multiples of a step, by differences from a word, or by a palette. */
export function levelMap(coding: CodingBy<'linear' | 'palette'>, elements: Elements): LevelMap {
  if (coding.method !== 'linear') return paletteMap(coding.palette, coding.method === 'palette' ? coding.zero : 0);
  const map =
    elements.kind !== 'float'
      ? offsetMap(coding.scale, elements)
      : coding.scale === 0
        ? placeMap(elements)
        : stepMap(coding.scale);
  return coding.running ? runningMap(map) : map;
}

function stepMap(step: number): LevelMap {
  return {
    levels(words, levels, length) {
      const floats = new Float32Array(words.buffer);
      for (let i = 0; i < length; i++) levels[i] = Math.round(floats[i]! / step);
    },
    words(levels, words, length) {
      const floats = new Float32Array(words.buffer);
      for (let i = 0; i < length; i++) floats[i] = levels[i]! * step;
    },
  };
}

/** Levels of floats that count places among all floats of their type: +0 is level 0, the next float level 1. */
function placeMap(elements: Elements): LevelMap {
  const half = 2 ** (8 * elements.size - 1);
  return {
    levels(words, levels, length) {
      for (let i = 0; i < length; i++) levels[i] = placeOfWord(elements, words[i]!) - half;
    },
    words(levels, words, length) {
      for (let i = 0; i < length; i++) {
        const place = levels[i]! + half;
        if (place < 0 || place >= 2 * half) throw noWord(levels[i]!);
        words[i] = wordAtPlace(elements, place);
      }
    },
  };
}

function offsetMap(zero: number, {signed, size}: Elements): LevelMap {
  const low = signed ? -0x80000000 : 0;
  const high = signed ? 0x7fffffff : 2 ** (8 * size) - 1;
  return {
    levels(words, levels, length) {
      for (let i = 0; i < length; i++) levels[i] = (signed ? words[i]! | 0 : words[i]!) - zero;
    },
    words(levels, words, length) {
      for (let i = 0; i < length; i++) {
        const value = zero + levels[i]!;
        if (value < low || value > high) throw noWord(levels[i]!);
        words[i] = value;
      }
    },
  };
}

function paletteMap(palette: Uint32Array, zero: number): LevelMap {
  let levelOf: Map<number, number> | undefined;
  return {
    levels(words, levels, length) {
      levelOf ??= new Map([...palette].map((word, i) => [word, i - zero]));
      let last = -1;
      let level = 0;
      for (let i = 0; i < length; i++) {
        const word = words[i]!;
        if (word !== last) {
          last = word;
          level = levelOf.get(word)!;
        }
        levels[i] = level;
      }
    },
    words(levels, words, length) {
      for (let i = 0; i < length; i++) {
        const at = levels[i]! + zero;
        if (at < 0 || at >= palette.length) throw noWord(levels[i]!);
        words[i] = palette[at]!;
      }
    },
  };
}

/** Codes the difference of each level from the one before it, over the ends of rows. */
function runningMap(map: LevelMap): LevelMap {
  let last = 0;
  return {
    levels(words, levels, length) {
      map.levels(words, levels, length);
      for (let i = 0; i < length; i++) {
        const level = levels[i]!;
        levels[i] = level - last;
        last = level;
      }
    },
    words(levels, words, length) {
      for (let i = 0; i < length; i++) {
        last = (last + levels[i]!) | 0;
        levels[i] = last;
      }
      map.words(levels, words, length);
    },
  };
}

function noWord(level: number): TfmotError {
  return new TfmotError(
    'corrupt-file',
    `Every coded level must stand for a value, but level ${level} does not. Fetch the file again.`,
  );
}

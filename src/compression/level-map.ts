import {TfmotError} from '../errors.ts';
import type {Elements, Words} from './elements.ts';
import type {TensorCoding} from './tensor-header.ts';

/** What the levels of a weight stand for: a row of levels to its words, and back. */
export interface LevelMap {
  levels(words: Words, levels: Int32Array, length: number): void;
  /** @throws TfmotError `corrupt-file` for a level without a word. */
  words(levels: Int32Array, words: Words, length: number): void;
}

/** The map of a weight coded by multiples of a step, by differences from a word, or by a palette. */
export function levelMap(coding: Extract<TensorCoding, {method: 'linear' | 'palette'}>, elements: Elements): LevelMap {
  if (coding.method === 'palette') return paletteMap(coding.palette, coding.zero);
  if (elements.kind === 'float') return stepMap(coding.scale);
  const zero = coding.scale;
  const low = elements.signed ? -0x80000000 : 0;
  const high = elements.signed ? 0x7fffffff : 2 ** (8 * elements.size) - 1;
  return {
    levels(words, levels, length) {
      for (let i = 0; i < length; i++) levels[i] = (elements.signed ? words[i]! | 0 : words[i]!) - zero;
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

function paletteMap(palette: Uint32Array, zero: number): LevelMap {
  let levelOf: Map<number, number> | undefined;
  return {
    levels(words, levels, length) {
      levelOf ??= new Map([...palette].map((word, i) => [word, i - zero]));
      for (let i = 0; i < length; i++) levels[i] = levelOf.get(words[i]!)!;
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

function noWord(level: number): TfmotError {
  return new TfmotError(
    'corrupt-file',
    `Every coded level must stand for a value, but level ${level} does not. Fetch the file again.`,
  );
}

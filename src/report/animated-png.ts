import {crc32} from '../formats/tfmz/format/crc32.ts';
import type {Thumbnail} from './facts.ts';
import {runsOf} from './thumbnail.ts';

/** Red, green and blue of a pixel. */
export type Colour = readonly [number, number, number];

/** How an animation of masks looks. */
export interface AnimationLook {
  /** Of a weight that is zero, and of one that is not. */
  readonly colours: readonly [Colour, Colour];
  /** Milliseconds of a frame; the last stays ten times as long. */
  readonly frameMs: number;
}

/** Most bytes of a stored block of deflate. */
const STORED = 0xffff;

/**
 * Masks as an animated PNG that repeats, one pixel a weight and one frame a mask: PNG (third edition, 2025), chunks
 * acTL, fcTL and fdAT. Frames are stored without compression, since they are of one bit a pixel.
 *
 * @param masks Of one size, one or more.
 */
export function animatedPng(masks: readonly Thumbnail[], {colours, frameMs}: AnimationLook): Uint8Array {
  const {rows, columns} = masks[0]!;
  const chunks: Uint8Array[] = [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)];
  // One bit a pixel, colours from a palette, no interlacing.
  chunks.push(chunk('IHDR', [...u32(columns), ...u32(rows), 1, 3, 0, 0, 0]));
  chunks.push(chunk('acTL', [...u32(masks.length), ...u32(0)]));
  chunks.push(chunk('PLTE', colours.flat()));
  let sequence = 0;
  masks.forEach((mask, i) => {
    const ms = i === masks.length - 1 ? 10 * frameMs : frameMs;
    const place = [...u32(columns), ...u32(rows), ...u32(0), ...u32(0)];
    chunks.push(chunk('fcTL', [...u32(sequence++), ...place, ...u16(ms), ...u16(1000), 0, 0]));
    const data = stored(pixels(mask));
    chunks.push(i === 0 ? chunk('IDAT', data) : chunk('fdAT', [...u32(sequence++), ...data]));
  });
  chunks.push(chunk('IEND', []));
  const file = new Uint8Array(chunks.reduce((sum, {length}) => sum + length, 0));
  let at = 0;
  for (const part of chunks) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** Rows of a mask, each behind the byte that says that it is not filtered; the first pixel in the highest bit. */
function pixels(mask: Thumbnail): Uint8Array {
  const stride = 1 + Math.ceil(mask.columns / 8);
  const bytes = new Uint8Array(stride * mask.rows);
  runsOf(mask).forEach((runs, row) => {
    for (const [start, length] of runs)
      for (let x = start; x < start + length; x++) bytes[row * stride + 1 + (x >> 3)]! |= 0x80 >> (x & 7);
  });
  return bytes;
}

/** A zlib stream of stored blocks (RFC 1950, 1951). */
function stored(bytes: Uint8Array): number[] {
  const stream = [0x78, 0x01];
  for (let at = 0; at < bytes.length; at += STORED) {
    const part = bytes.subarray(at, at + STORED);
    const {length} = part;
    stream.push(at + STORED >= bytes.length ? 1 : 0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255);
    stream.push(...part);
  }
  return [...stream, ...u32(adler32(bytes))];
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

function chunk(type: string, data: readonly number[]): Uint8Array {
  const named = Uint8Array.of(...Array.from(type, letter => letter.charCodeAt(0)), ...data);
  return Uint8Array.of(...u32(data.length), ...named, ...u32(crc32(named)));
}

function u32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function u16(value: number): number[] {
  return [value >>> 8, value & 255];
}

const TABLE: Uint32Array = Uint32Array.from({length: 256}, (_, byte) => {
  let value = byte;
  for (let i = 0; i < 8; i++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/**
 * The CRC-32 of ISO 3309 (as in gzip and PNG) of `bytes`, an unsigned 32-bit number.
 *
 * @param before The CRC-32 of what stands before them, 0 for nothing.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let value = ~before;
  for (let i = 0; i < bytes.length; i++) value = TABLE[(value ^ bytes[i]!) & 255]! ^ (value >>> 8);
  return ~value >>> 0;
}

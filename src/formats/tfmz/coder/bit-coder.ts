/**
 * The one seam between the models and the bytes. A model describes a value as binary decisions; an encoder writes them,
 * a decoder ignores what it is given and returns what it reads. So every model is written once, for both directions.
 */
export interface BitCoder {
  /** Codes `bit` with `probability` of a one in 1/65536, 1 to 65535. Returns the bit, given or read. */
  bit(bit: number, probability: number): number;
  /** Codes the low `count` bits of `value`, 0 to 32, highest first, all equally likely. Returns them. */
  raw(value: number, count: number): number;
}

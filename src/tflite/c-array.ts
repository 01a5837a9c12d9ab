import {TfmotError} from '../errors.ts';

/** What a C and a C++ compiler take for a name. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Bytes a line of source. */
const BYTES_A_LINE = 16;

/** Where interpreters want a file to begin in memory. */
const ALIGNMENT = 16;

/** Source of a header and of the file with the bytes. */
export interface CArray {
  readonly header: string;
  readonly source: string;
}

/**
 * A file as an array of a C++ program: for microcontrollers, which have no file system to read it from.
 *
 * @param name Of the array, which has its length beside it as `NAME_len`; the source includes `NAME.h`.
 * @throws TfmotError `invalid-argument` for a name that no compiler takes.
 *
 * @example
 * const {header, source} = cArray(await convert(model), 'digits');
 */
export function cArray(bytes: Uint8Array, name: string): CArray {
  if (!IDENTIFIER.test(name))
    throw new TfmotError(
      'invalid-argument',
      `The name of an array must be letters, digits and underscores, and begin with no digit, but is '${name}'.`,
    );
  const guard = `${name.toUpperCase()}_H_`;
  const lines: string[] = [];
  for (let i = 0; i < bytes.length; i += BYTES_A_LINE)
    lines.push(
      `  ${Array.from(bytes.subarray(i, i + BYTES_A_LINE), byte => `0x${byte.toString(16).padStart(2, '0')}`).join(', ')},`,
    );
  return {
    header: `#ifndef ${guard}
#define ${guard}

extern const unsigned char ${name}[];
extern const unsigned int ${name}_len;

#endif  // ${guard}
`,
    source: `#include "${name}.h"

alignas(${ALIGNMENT}) const unsigned char ${name}[] = {
${lines.join('\n')}
};
const unsigned int ${name}_len = ${bytes.length};
`,
  };
}

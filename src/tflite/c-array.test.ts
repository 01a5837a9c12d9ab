import {expect, test} from 'vitest';
import {cArray} from './c-array.ts';

test('a file as source of C++: every byte, its length, and where it begins', () => {
  const bytes = Uint8Array.from({length: 37}, (_, i) => i * 7);
  const {header, source} = cArray(bytes, 'digits');
  expect(header).toContain('extern const unsigned char digits[];\nextern const unsigned int digits_len;\n');
  expect(source).toContain('#include "digits.h"');
  expect(source).toContain('alignas(16) const unsigned char digits[] = {');
  expect(source).toContain('const unsigned int digits_len = 37;');
  expect([...source.matchAll(/0x([0-9a-f]{2}),/g)].map(match => Number.parseInt(match[1]!, 16))).toEqual([...bytes]);
});

test.each(['', '1st', 'a-b', 'a b', 'Ä'])('a name that no compiler takes is refused: %s', name => {
  expect(() => cArray(new Uint8Array(1), name)).toThrow(/letters, digits and underscores/);
});

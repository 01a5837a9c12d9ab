import {relative} from 'node:path';
import {expect} from 'vitest';

// Child processes inherit it, so what they reach counts for the test that starts them.
process.env['MUTANT_TEST'] = relative(process.cwd(), expect.getState().testPath!);

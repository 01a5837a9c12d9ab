// Compiles the AssemblyScript kernels and embeds their bytes, so that an installed checkout runs at once.
import {existsSync} from 'node:fs';

if (existsSync(new URL('../assembly/index.ts', import.meta.url))) {
  throw new Error('assembly/index.ts exists, but nothing compiles it yet');
}

// Compiles the AssemblyScript kernels twice, with plain and with relaxed SIMD, and embeds their bytes as TypeScript.
import {writeFileSync} from 'node:fs';
import asc from 'assemblyscript/asc';

const root = new URL('..', import.meta.url);
const target = new URL('src/inference/kernels/', root);
const VARIANTS = {plain: [], relaxed: ['--enable', 'relaxed-simd']};

for (const [variant, features] of Object.entries(VARIANTS)) {
  let bytes;
  const {error, stderr} = await asc.main(
    [
      'assembly/index.ts',
      ...['--outFile', 'kernels.wasm', '--runtime', 'stub', '--use', 'abort=', '--noAssert', '-O3', '--converge'],
      ...['--importMemory', '--noExportMemory', '--initialMemory', '0', '--enable', 'simd', ...features],
      ...['--baseDir', decodeURIComponent(root.pathname)],
    ],
    {
      writeFile: (name, contents) => {
        if (name === 'kernels.wasm') bytes = contents;
      },
    },
  );
  if (error || !bytes) throw new Error(`The ${variant} kernels do not compile: ${error?.message}\n${stderr}`);
  writeFileSync(
    new URL(`${variant}.generated.ts`, target),
    `// Written by scripts/build-kernels.mjs.\n\n/** The ${variant} SIMD kernels: a WebAssembly module of ${bytes.length} bytes in base64. */\n` +
      `export const ${variant}Kernels: string =\n  '${Buffer.from(bytes).toString('base64')}';\n`,
  );
}

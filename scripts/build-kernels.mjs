// Compiles the AssemblyScript kernels once a variant and embeds each module as a TypeScript file of its own; before that it
// writes what both languages share (assembly/contract.mjs), and how TypeScript and programs call what assembly/index.ts exports.
import {readFileSync, writeFileSync} from 'node:fs';
import asc from 'assemblyscript/asc';
import {forAssemblyScript, forTypeScript} from './kernels/contract.mjs';
import {dispatch, exportedKernels, signatures} from './kernels/signatures.mjs';

const HEAD = '// Written by scripts/build-kernels.mjs.\n';
const root = new URL('..', import.meta.url);
const read = name => readFileSync(new URL(`assembly/${name}`, root), 'utf8');
const write = (name, text) => writeFileSync(new URL(name, root), `${HEAD}${text}`);
const intoEngine = (name, text) => write(`src/inference/kernels/${name}.generated.ts`, text);

/** The builds by name: what they need beside SIMD, as options of the compiler. */
const VARIANTS = {
  plain: [],
  relaxed: ['--enable', 'relaxed-simd'],
};

write('assembly/contract.generated.ts', forAssemblyScript());
intoEngine('contract', forTypeScript());
const kernels = exportedKernels(read);
write('assembly/program.generated.ts', dispatch(kernels));
intoEngine('signatures', signatures(kernels));
for (const [variant, features] of Object.entries(VARIANTS)) {
  const bytes = await compile(variant, features);
  // In hexadecimal: twice the bytes, but unlike base64 it compresses as well as they do.
  const what = `/** The ${variant} kernels: a WebAssembly module of ${bytes.length} bytes in hexadecimal. */`;
  intoEngine(variant, `\n${what}\nexport const kernels: string =\n  '${Buffer.from(bytes).toString('hex')}';\n`);
}

async function compile(variant, features) {
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
  return bytes;
}

// Compiles the AssemblyScript kernels twice, with plain and with relaxed SIMD, and embeds their bytes as TypeScript: the
// plain module in hexadecimal (twice the bytes, but unlike base64 it compresses as well as they do), the relaxed one as
// what differs from it.
import {writeFileSync} from 'node:fs';
import asc from 'assemblyscript/asc';

const root = new URL('..', import.meta.url);
const target = new URL('src/inference/kernels/', root);
const plain = await compile('plain', []);
const relaxed = await compile('relaxed', ['--enable', 'relaxed-simd']);
embed('plain', `The plain SIMD kernels: a WebAssembly module of ${plain.length} bytes in hexadecimal.`, hex(plain));
embed('relaxed', 'How the relaxed SIMD kernels differ from the plain ones; see `patched`.', patchOf(plain, relaxed));

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

function embed(variant, what, text) {
  writeFileSync(
    new URL(`${variant}.generated.ts`, target),
    `// Written by scripts/build-kernels.mjs.\n\n/** ${what} */\nexport const ${variant}Kernels: string =\n  '${text}';\n`,
  );
}

function hex(bytes) {
  return Buffer.from(bytes).toString('hex');
}

/** Steps `literal,skip,count`: bytes of their own, then `count` bytes of `base`, `skip` from where the last step ended. */
function patchOf(base, bytes) {
  const shortest = 6;
  const places = new Map();
  for (let i = 0; i + shortest <= base.length; i++) {
    const key = hex(base.subarray(i, i + shortest));
    if (!places.has(key)) places.set(key, []);
    places.get(key).push(i);
  }
  const steps = [];
  let cursor = 0;
  let literal = 0;
  for (let i = 0; i < bytes.length; ) {
    let [from, count] = [cursor, 0];
    for (const place of places.get(hex(bytes.subarray(i, i + shortest))) ?? []) {
      let length = shortest;
      while (place + length < base.length && i + length < bytes.length && base[place + length] === bytes[i + length])
        length++;
      const nearer = length === count && Math.abs(place - cursor) < Math.abs(from - cursor);
      if (length > count || nearer) [from, count] = [place, length];
    }
    if (count === 0) {
      literal++;
      cursor++;
      i++;
    }
    if (count > 0 || i === bytes.length) {
      steps.push(`${hex(bytes.subarray(i - literal, i))},${from - cursor},${count}`);
      cursor = from + count;
      i += count;
      literal = 0;
    }
  }
  return steps.join(' ');
}

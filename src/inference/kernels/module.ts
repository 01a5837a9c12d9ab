import {TfmotError} from '../../errors.ts';
import {plainKernels} from './plain.generated.ts';
import {relaxedKernels} from './relaxed.generated.ts';
import type {Kernels} from './signatures.ts';

/** Which of the two builds: `plain` is SIMD128, `relaxed` adds fused multiply-add where the machine has it. */
export type KernelVariant = 'plain' | 'relaxed';

const modules = new Map<KernelVariant, Promise<WebAssembly.Module>>();

/**
 * The kernels bound to `memory`. The module of a variant is compiled once and shared by all engines.
 *
 * @param memory Made by the caller and large enough for its plan; see the kernels' notes on memory.
 * @param variant By default what {@link supportedVariant} finds.
 * @throws TfmotError `missing-webassembly` when there is no WebAssembly, no SIMD, the asked-for variant does not validate, or the
 *   page's Content-Security-Policy lacks `wasm-unsafe-eval`.
 *
 * @example
 * const memory = new WebAssembly.Memory({initial: 64});
 * const kernels = await loadKernels(memory);
 * kernels.fill(RESERVED_BYTES, 100, 1.5);
 */
export async function loadKernels(
  memory: WebAssembly.Memory,
  variant: KernelVariant = supportedVariant(),
): Promise<Kernels> {
  const instance = await WebAssembly.instantiate(await compileKernels(variant), {env: {memory}});
  return instance.exports as unknown as Kernels;
}

/**
 * The module of a variant, before there is any memory to bind it to.
 *
 * @throws TfmotError `missing-webassembly` as {@link loadKernels} does.
 */
export function compileKernels(variant: KernelVariant): Promise<WebAssembly.Module> {
  const known = modules.get(variant);
  if (known !== undefined) return known;
  const compiled = compileVariant(variant);
  modules.set(variant, compiled);
  // A refusal may be over at the next try.
  compiled.catch(() => modules.delete(variant));
  return compiled;
}

async function compileVariant(variant: KernelVariant): Promise<WebAssembly.Module> {
  const bytes = bytesOf(variant);
  if (!validates(bytes)) {
    throw new TfmotError(
      'missing-webassembly',
      `The ${variant} kernels need WebAssembly with ${variant === 'plain' ? 'SIMD' : 'relaxed SIMD'}, which this platform lacks` +
        (variant === 'plain' ? '. Use a current browser or Node >= 20.' : ': leave the variant out.'),
    );
  }
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    // What is valid and is refused all the same: Chromium and Firefox say CompileError, WebKit EvalError.
    throw new TfmotError(
      'missing-webassembly',
      `WebAssembly must be allowed to compile, but is refused here. Add 'wasm-unsafe-eval' to script-src in the page's Content-Security-Policy. The platform says: ${String((cause as Error | null)?.message)}`,
      {cause},
    );
  }
}

let supported: KernelVariant | undefined;

/** The faster variant that this platform runs: `relaxed` where its module validates, else `plain`. */
export function supportedVariant(): KernelVariant {
  supported ??= validates(bytesOf('relaxed')) ? 'relaxed' : 'plain';
  return supported;
}

function validates(bytes: Uint8Array<ArrayBuffer>): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(bytes);
}

function bytesOf(variant: KernelVariant): Uint8Array<ArrayBuffer> {
  const plain = fromHex(plainKernels);
  return variant === 'plain' ? plain : patched(plain, relaxedKernels);
}

/** Steps `literal,skip,count`: bytes of their own, then `count` bytes of `base`, `skip` from where the last step ended. */
function patched(base: Uint8Array, patch: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let cursor = 0;
  for (const step of patch.split(' ')) {
    const [literal, skip, count] = step.split(',') as [string, string, string];
    cursor += literal.length / 2 + Number(skip);
    bytes.push(...fromHex(literal), ...base.subarray(cursor, cursor + Number(count)));
    cursor += Number(count);
  }
  return Uint8Array.from(bytes);
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({length: text.length / 2}, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

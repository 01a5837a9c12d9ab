import {TfmotError} from '../../errors.ts';
import type {Kernels} from './signatures.generated.ts';

/** The builds of the kernels: `plain` is SIMD128, `relaxed` adds fused multiply-add where the machine has it. */
export type KernelVariant = 'plain' | 'relaxed';

/** What a module exports: the kernels, and what runs a program of them (`encode`). */
export interface KernelModule extends Kernels {
  /**
   * Runs the instructions from address `at` to `end` over `examples` examples. `counters` is room for a word and one
   * more a loop within loops, `frame` for the arguments of a call.
   */
  run(at: number, end: number, examples: number, counters: number, frame: number): void;
}

/** One build: its bytes come on demand. */
interface Build {
  readonly load: () => Promise<{readonly kernels: string}>;
  /** What the platform must have, by name. */
  readonly needs: string;
  /** What to do where it lacks that. */
  readonly otherwise: string;
}

const BUILDS: Readonly<Record<KernelVariant, Build>> = {
  plain: {
    load: () => import('./plain.generated.ts'),
    needs: 'SIMD',
    otherwise: '. Use a current browser or Node >= 20.',
  },
  relaxed: {
    load: () => import('./relaxed.generated.ts'),
    needs: 'relaxed SIMD',
    otherwise: ': leave the variant out.',
  },
};

/** The smallest module with one relaxed instruction: `f32x4.relaxed_madd` of three zeros. */
const RELAXED_PROBE =
  '0061736d01000000' + '0105016000017b' + '03020100' + '0a13011100' + '4100fd0f4100fd0f4100fd0f' + 'fd85020b';

const modules = new Map<KernelVariant, Promise<WebAssembly.Module>>();

/**
 * The kernels bound to `memory`. The module of a variant is compiled once and shared by all engines.
 *
 * @param memory Made by the caller and large enough for its plan; see the kernels' notes on memory.
 * @param variant By default what {@link supportedVariant} finds.
 * @throws TfmotError `missing-webassembly` when there is no WebAssembly, no SIMD, the asked-for variant does not
 *   validate, or the page's Content-Security-Policy lacks `wasm-unsafe-eval`.
 *
 * @example
 * const memory = new WebAssembly.Memory({initial: 64});
 * const kernels = await loadKernels(memory);
 * kernels.fill(RESERVED_BYTES, 100, 1.5);
 */
export async function loadKernels(
  memory: WebAssembly.Memory,
  variant: KernelVariant = supportedVariant(),
): Promise<KernelModule> {
  const instance = await WebAssembly.instantiate(await compileKernels(variant), {env: {memory}});
  return instance.exports as unknown as KernelModule;
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
  const {load, needs, otherwise} = BUILDS[variant];
  const bytes = fromHex((await load()).kernels);
  if (!validates(bytes)) {
    throw new TfmotError(
      'missing-webassembly',
      `The ${variant} kernels need WebAssembly with ${needs}, which this platform lacks${otherwise}`,
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

/**
 * The faster variant that this platform runs: `relaxed` where a module of one such instruction validates, else `plain`.
 */
export function supportedVariant(): KernelVariant {
  supported ??= validates(fromHex(RELAXED_PROBE)) ? 'relaxed' : 'plain';
  return supported;
}

function validates(bytes: Uint8Array<ArrayBuffer>): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(bytes);
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({length: text.length / 2}, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {cpus, loadavg, totalmem} from 'node:os';

/** Where numbers were measured. Absolute times mean nothing without it; ratios travel better. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly relaxedSimd: boolean;
  /** Processes that wanted to run in the minute before; well above one on a machine that others use. */
  readonly load: number;
}

/** A module of one function that uses `i8x16.relaxed_swizzle`. */
const RELAXED_SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15,
  253, 128, 2, 11,
]);

/** Describes this machine: processor, cores, memory, Node, V8 and whether V8 runs relaxed SIMD as started. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processorName(processors[0]?.model ?? 'unknown'),
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    relaxedSimd: WebAssembly.validate(RELAXED_SIMD_PROBE),
    load: Math.round(loadavg()[0]! * 10) / 10,
  };
}

/** A machine in one line. */
export function machineText({cpu, cores, node, load}: Machine): string {
  return `${cpu}, ${cores} cores, Node ${node}, load ${load}`;
}

/** The installed version of a package, looked up from `from`'s folder; `undefined` when it is not installed. */
export function installedVersion(name: string, from: string): string | undefined {
  const require = createRequire(from);
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return (JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')) as {version: string}).version;
    } catch {
      // Not in this folder: the next one up is asked.
    }
  }
  return undefined;
}

/** Virtual machines hide the name of the processor; its family, model and widest vectors still tell which one it is. */
function processorName(model: string): string {
  try {
    const info = readFileSync('/proc/cpuinfo', 'utf8');
    const field = (name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(info)?.[1] ?? '?';
    const vectors = ['amx_fp16', 'amx_tile', 'avx512f', 'avx2'].find(flag => info.includes(flag)) ?? 'sse';
    return `${model} (family ${field('cpu family')}, model ${field('model')}, ${vectors})`;
  } catch {
    return model;
  }
}

import v8 from 'node:v8';
import {afterEach, expect, test, vi} from 'vitest';
import {type KernelVariant, loadKernels, PARAMETERS} from './index.ts';
import {compileKernels} from './module.ts';

// Node 20 has relaxed SIMD behind a flag.
v8.setFlagsFromString('--experimental-wasm-relaxed-simd');

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

const VARIANTS: readonly KernelVariant[] = ['plain', 'relaxed'];

test.each(VARIANTS)('the %s module exports what TypeScript calls, and puts no data into memory', async variant => {
  const module = await compileKernels(variant);
  expect(WebAssembly.Module.exports(module).map(({name}) => name)).toEqual([...Object.keys(PARAMETERS), 'run']);
  expect(WebAssembly.Module.imports(module)).toEqual([{module: 'env', name: 'memory', kind: 'memory'}]);
  const memory = new WebAssembly.Memory({initial: 1});
  const kernels = await loadKernels(memory, variant);
  for (const [name, letters] of Object.entries(PARAMETERS))
    expect([name, (kernels as unknown as Record<string, () => void>)[name]!.length]).toEqual([name, letters.length]);
  expect(new Uint8Array(memory.buffer).every(byte => byte === 0)).toBe(true);
});

test('a few bytes tell which variant the platform runs; the other is never loaded', async () => {
  const validate = vi.spyOn(WebAssembly, 'validate');
  const fresh = await import('./module.ts');
  expect(fresh.supportedVariant()).toBe('relaxed');
  expect(validate.mock.calls.map(([bytes]) => (bytes as Uint8Array).length)).toEqual([40]);
  vi.resetModules();
  vi.doMock('./relaxed.generated.ts', () => {
    throw new Error('nobody asked for it');
  });
  validate.mockReturnValueOnce(false);
  const older = await import('./module.ts');
  expect(older.supportedVariant()).toBe('plain');
  await expect(older.compileKernels('plain')).resolves.toBeInstanceOf(WebAssembly.Module);
  vi.doUnmock('./relaxed.generated.ts');
});

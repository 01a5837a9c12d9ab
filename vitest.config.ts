import {fileURLToPath} from 'node:url';
import {defineConfig, type ViteUserConfig} from 'vitest/config';

const src = fileURLToPath(new URL('./src', import.meta.url));

const config: ViteUserConfig = defineConfig({
  resolve: {
    alias: [
      {find: /^tfjs-model-optimization$/, replacement: `${src}/index.ts`},
      {find: /^tfjs-model-optimization\/(.*)$/, replacement: `${src}/$1/index.ts`},
    ],
  },
  test: {
    // Against hanging for ever; no test is judged by its time.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    reporters: ['default', './test/_skipped.ts'],
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {name: 'unit', include: ['src/**/*.test.ts', 'testing/**/*.test.ts', 'tools/**/*.test.ts']},
      },
      {extends: true, test: {name: 'whole', include: ['test/**/*.test.ts'], exclude: ['test/browser/**']}},
      {extends: true, test: {name: 'browser', include: ['test/browser/**/*.test.ts']}},
    ],
  },
});

export default config;

import type {UserConfig} from 'tsdown';

/** Unbundled ESM with declarations for bundlers and Node; one script file over the global `tf` for script tags. */
const config: UserConfig[] = [
  {
    entry: [
      'src/index.ts',
      'src/compression/index.ts',
      'src/cli/main.ts',
      'src/formats/index.ts',
      'src/inference/index.ts',
      'src/node/index.ts',
      'src/oneshot/index.ts',
      'src/report/index.ts',
      'src/tflite/index.ts',
      'src/wasm-training/index.ts',
    ],
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    unbundle: true,
    dts: true,
    clean: true,
    fixedExtension: false,
    outDir: 'dist',
    deps: {skipNodeModulesBundle: true, neverBundle: [/^node:/]},
  },
  {
    entry: {tfmot: 'src/browser.ts'},
    format: 'iife',
    globalName: 'tfmot',
    platform: 'browser',
    target: 'es2022',
    dts: false,
    clean: false,
    minify: true,
    outDir: 'dist',
    outputOptions: {
      entryFileNames: 'tfmot.iife.js',
      globals: {
        '@tensorflow/tfjs-core': 'tf',
        '@tensorflow/tfjs-layers': 'tf',
        '@tensorflow/tfjs-backend-wasm': 'tf.wasm',
      },
    },
    // A page has no other script that would bring what Node installs beside the library.
    deps: {neverBundle: [/^@tensorflow\//], alwaysBundle: ['fflate', 'flatbuffers']},
  },
];

export default config;

import {readFileSync} from 'node:fs';
import {compile} from '../../../src/inference/index.ts';
import type {Runner} from './runner.ts';

/**
 * This library's engine on plain SIMD, which every browser and Node 20 has, or on relaxed SIMD, which newer ones have.
 */
export function engine(variant: 'simd' | 'relaxed'): Runner {
  const {version} = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const plain = variant === 'simd';
  return {
    name: plain ? 'tfmot' : 'tfmot-relaxed',
    version: `tfjs-model-optimization ${version}, ${plain ? 'plain' : 'relaxed'} SIMD`,
    prepare: async ({model, input, inputShape}) => {
      const compiled = await compile(model, {batchSize: inputShape[0]!, variant});
      return {
        run: () => compiled.predict(input),
        channelsLast: output => output,
        dispose: () => compiled.dispose(),
      };
    },
  };
}

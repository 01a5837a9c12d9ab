import {readFileSync} from 'node:fs';
import {compile} from '../../src/inference/index.ts';
import type {Runner} from './runner.ts';

/** This library's engine on plain SIMD, which every browser and Node 20 has. */
export function engine(): Runner {
  const {version} = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return {
    name: 'tfmot',
    version: `tfjs-model-optimization ${version}, plain SIMD`,
    prepare: async ({model, input, inputShape}) => {
      const compiled = await compile(model, {batchSize: inputShape[0]!, variant: 'simd'});
      return {
        run: () => compiled.predict(input),
        channelsLast: output => output,
        dispose: () => compiled.dispose(),
      };
    },
  };
}

import {fileURLToPath} from 'node:url';
import {mergeConfig, type ViteUserConfig} from 'vitest/config';
import {BaseSequencer, type TestSpecification} from 'vitest/node';
import base from '../../vitest.config.ts';

/** Runs test files in the order they were asked for: the quickest first. */
class AsAsked extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = JSON.parse(process.env['MUTANT_ORDER'] ?? '[]') as string[];
    const place = ({moduleId}: TestSpecification): number => order.findIndex(name => moduleId.endsWith(`/${name}`));
    return [...files].sort((a, b) => place(a) - place(b));
  }
}

const {projects, reporters: _, ...rest} = base.test!;
const inNode = projects!.filter(project => (project as {test: {name: string}}).test.name !== 'browser');

const config: ViteUserConfig = mergeConfig(
  {...base, test: {...rest, projects: inNode}},
  {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    test: {
      // These read the sources, which hold switches.
      exclude: ['test/browser/**', 'test/house/**', 'tools/**'],
      sequence: {sequencer: AsAsked},
      setupFiles: [fileURLToPath(new URL('./setup.ts', import.meta.url))],
    },
  },
);

export default config;

// Keeps one Vitest for many runs, which begin at once then: asked over IPC for files, answers with what came of them.
// With `--bail` one file runs at a time, and the first failure ends a run.
import {relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {createVitest, type TestModule} from 'vitest/node';
import type {Answer, Question} from './tests.ts';

const bails = process.argv.includes('--bail');
const vitest = await createVitest('test', {
  config: fileURLToPath(new URL('./vitest.config.ts', import.meta.url)),
  watch: false,
  reporters: [{}],
  ...(bails ? {bail: 1, maxWorkers: 1} : {}),
});
const nameOf = (moduleId: string): string => relative(vitest.config.root, moduleId);

function secondsOf(module: TestModule): number {
  const {environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration} = module.diagnostic();
  return (environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration) / 1000;
}

async function answer({files}: Question): Promise<Answer> {
  process.env['MUTANT_ORDER'] = JSON.stringify(files);
  vitest.state.filesMap.clear();
  const found = await vitest.globTestSpecifications([...files]);
  const wanted = found.filter(({moduleId}) => files.includes(nameOf(moduleId)));
  const {testModules, unhandledErrors} = await vitest.runTestSpecifications(wanted);
  return {
    files: testModules.map(module => ({
      name: nameOf(module.moduleId),
      passed: module.state() !== 'failed',
      seconds: secondsOf(module),
    })),
    passed: unhandledErrors.length === 0 && testModules.every(module => module.state() !== 'failed'),
  };
}

process.on('message', async (question: Question) => {
  process.send!(await answer(question));
});
process.send!('ready');

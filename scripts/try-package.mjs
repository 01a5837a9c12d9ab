// The library as a new user meets it: packed, installed in an empty project by the README's line, and the README's
// snippets and commands run there word for word. `npm run try` does the same in more places.
import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {inEmptyFolder, install, pack} from './_pack.mjs';
import {commandLines, packagesToInstall, writeSnippets} from './_readme.mjs';

await inEmptyFolder(async folder => {
  const project = join(folder, 'project');
  install(project, packagesToInstall(pack(folder)));
  const run = (command, args) => execFileSync(command, args, {cwd: project, stdio: ['ignore', 'inherit', 'inherit']});

  writeSnippets(project);
  run(process.execPath, ['main.mjs']);

  // The folders that the commands read.
  writeFileSync(
    join(project, 'save.mjs'),
    `await import('./given.mjs');
    const {modelFolder} = await import('tfjs-model-optimization/node');
    for (const folder of ['MODEL', 'out/mnist-cnn/pruned']) await model.save(modelFolder(folder));`,
  );
  mkdirSync(join(project, 'out/mnist-cnn'), {recursive: true});
  run(process.execPath, ['save.mjs']);
  for (const line of commandLines()) {
    console.log(`$ ${line}`);
    run('sh', ['-c', line]);
  }
});

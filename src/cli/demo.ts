import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Command} from 'commander';
import {TfmotError} from '../errors.ts';

/** `tfmot demo` */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      "train a classifier of MNIST's digits, prune it and compare the two; `tfmot demo --help` lists its options",
    )
    .helpOption(false)
    .allowUnknownOption()
    .argument('[options...]', 'options of the demo')
    .action(demo);
}

/** The demo is an example of the repository: it needs the data set and TensorFlow.js, which the package does not bring. */
async function demo(options: readonly string[]): Promise<void> {
  const root = packageFolder();
  const program = join(root, 'examples/mnist/main.ts');
  if (!existsSync(program)) {
    throw new TfmotError(
      'file-not-found',
      `The demo is part of the repository, not of the npm package: there is no ${program}. ` +
        'Clone the repository, then run npm ci and npm run demo.',
    );
  }
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...options], {cwd: root, stdio: 'inherit'});
  // Ctrl-C reaches the child as well, which saves a checkpoint: wait for it.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    process.exitCode = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', code => resolve(code ?? 1));
    });
  } finally {
    process.off('SIGINT', ignore);
  }
}

/** The folder of this package: the nearest one above this file with a package.json. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

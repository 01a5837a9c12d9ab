import {Command, CommanderError} from 'commander';
import colors from 'picocolors';
import {type ErrorCode, isTfmotError} from '../errors.ts';
import {compressCommand} from './compress.ts';
import {decompressCommand} from './decompress.ts';
import {demoCommand} from './demo.ts';
import {inspectCommand} from './inspect.ts';
import {pruneCommand} from './prune.ts';
import {quantizeCommand} from './quantize.ts';

/** What the command was asked, as opposed to what it found. */
const WRONG_USAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'invalid-argument',
  'invalid-block-size',
  'invalid-m-by-n',
  'invalid-sparsity',
]);

/**
 * Runs the command `tfmot`.
 *
 * @param args What follows the command's name.
 * @returns The exit code: 0, 1 when the command failed, 2 when it was used wrongly.
 */
export async function run(args: readonly string[]): Promise<number> {
  const program = new Command('tfmot')
    .description('Make models of TensorFlow.js small: prune, quantise, compress.')
    .showHelpAfterError('(--help lists what there is)');
  for (const command of [
    inspectCommand(),
    pruneCommand(),
    quantizeCommand(),
    compressCommand(),
    decompressCommand(),
    demoCommand(),
  ]) {
    program.addCommand(command);
  }
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    if (args.length === 0) {
      program.outputHelp({error: true});
      return 2;
    }
    await program.parseAsync([...args], {from: 'user'});
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const message = isTfmotError(error) ? error.message : ((error as Error).stack ?? String(error));
    process.stderr.write(`${colors.red('tfmot:')} ${message}\n`);
    return isTfmotError(error) && WRONG_USAGE.has(error.code) ? 2 : 1;
  }
}

import {readFileSync} from 'node:fs';
import {Command, CommanderError} from 'commander';
import {type ErrorCode, isTfmotError} from '../errors.ts';
import type {Surroundings} from './command.ts';
import {compressCommand} from './compress.ts';
import {convertCommand} from './convert.ts';
import {decompressCommand} from './decompress.ts';
import {inspectCommand} from './inspect.ts';
import {pruneCommand} from './prune.ts';
import {quantizeCommand} from './quantize.ts';
import {reportCommand} from './report.ts';
import {colorsOf, columnsOf} from './terminal.ts';
import {layOut} from './text.ts';

/** What the command was asked, as opposed to what it found. */
const WRONG_USAGE: ReadonlySet<string> = new Set<ErrorCode>([
  'invalid-argument',
  'invalid-block-size',
  'invalid-m-by-n',
  'invalid-sparsity',
]);

/**
 * Runs the command `tfmot`.
 *
 * @param args What follows the command's name.
 * @returns The exit code: 0, 1 when the command failed, 2 when it was used wrongly, the reason of
 *     the signal when it was asked to stop.
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const {terminal, signal} = surroundings;
  const program = programOf(surroundings);
  try {
    if (args.length === 0) {
      terminal.stderr.write(program.helpInformation());
      return 2;
    }
    await program.parseAsync([...args], {from: 'user'});
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const {code, message, hint} = failureOf(error, program, args, signal.aborted);
    if (args.includes('--json')) {
      terminal.stdout.write(`${JSON.stringify({error: {code, message}}, null, 2)}\n`);
    } else {
      const {stderr, env} = terminal;
      const [first, ...others] = layOut(`tfmot: ${message}`.split('\n'), columnsOf(stderr, env), line => line);
      stderr.write(`${[colorsOf(stderr, env).red(first!), ...others, ...hint].join('\n')}\n`);
    }
    if (code === 'interrupted') return Number(signal.reason);
    return WRONG_USAGE.has(code) ? 2 : 1;
  }
}

function programOf(surroundings: Surroundings): Command {
  const {stdout, stderr, env} = surroundings.terminal;
  const program = new Command('tfmot')
    .description('Make models of TensorFlow.js small: prune, quantise, compress.')
    .version(versionOfPackage(), '-v, --version', 'print the version')
    .helpCommand('help [command]', 'print what a command does and its options')
    .addHelpText('after', '\ntfmot help COMMAND lists the options of a command.');
  for (const command of [
    inspectCommand(surroundings),
    pruneCommand(surroundings),
    quantizeCommand(surroundings),
    compressCommand(surroundings),
    decompressCommand(surroundings),
    convertCommand(surroundings),
    reportCommand(surroundings),
  ]) {
    program.addCommand(command);
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: text => stdout.write(text),
      // Errors are written in `run`, as text or as JSON.
      writeErr: () => undefined,
      getOutHelpWidth: () => columnsOf(stdout, env),
      getErrHelpWidth: () => columnsOf(stderr, env),
    });
  }
  return program;
}

interface Failure {
  readonly code: string;
  readonly message: string;
  /** What to do, for people. */
  readonly hint: readonly string[];
}

function failureOf(error: unknown, program: Command, args: readonly string[], aborted: boolean): Failure {
  if (aborted) return {code: 'interrupted', message: 'Stopped. Nothing was written.', hint: []};
  if (error instanceof CommanderError) {
    const name = program.commands.find(command => command.name() === args[0])?.name();
    const hint = `(tfmot ${name === undefined ? '' : `${name} `}--help lists what there is)`;
    return {code: 'invalid-argument', message: error.message.replace(/^error: /, ''), hint: [hint]};
  }
  if (isTfmotError(error)) {
    const hint = error.code === 'memory-limit' ? ['(--no-limits decodes a file that you trust)'] : [];
    return {code: error.code, message: error.message, hint};
  }
  return {code: 'unexpected', message: error instanceof Error ? error.message : String(error), hint: stackOf(error)};
}

/** Where an error that nobody foresaw came from, for a report of it. */
function stackOf(error: unknown): string[] {
  return error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [];
}

/** Two folders above this file, in the sources and in the package. */
function versionOfPackage(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

import {Command} from 'commander';
import {FILE_ENDINGS} from '../formats/formats.ts';
import type {ReadingOptions} from './model-file.ts';
import {type Outcome, print} from './output.ts';
import {checkOutput, type OutputKind} from './output-path.ts';
import {type Session, sessionOn} from './session.ts';
import type {Terminal} from './terminal.ts';

/** What a run of `tfmot` has around it. */
export interface Surroundings {
  readonly terminal: Terminal;
  /** Aborts when the user asks to stop; its reason is the exit code. */
  readonly signal: AbortSignal;
}

/** Options that every command has. */
interface CommonOptions extends ReadingOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Options of a command that writes a model; `output` has been checked. */
export interface WritingOptions extends CommonOptions {
  readonly output: string;
  readonly force?: boolean;
}

/** Where the output of a command goes. */
interface Output {
  readonly kind: OutputKind;
  /** What the path is, as the help says it. */
  readonly help: string;
  /** What tells the name of the output from that of the model, such as `-pruned`. */
  readonly ending: string;
}

const MODEL = `a folder with model.json, a model.json, or a file: ${['.tfmz', ...FILE_ENDINGS].join(', ')}`;

/** A command that looks at a model and writes nothing. */
export function readingCommand<Options extends CommonOptions>(
  {terminal, signal}: Surroundings,
  name: string,
  description: string,
  work: (model: string, options: Options, session: Session) => Promise<Outcome>,
): Command {
  return new Command(name)
    .description(description)
    .argument('<model>', MODEL)
    .option('--json', 'print one JSON object, errors too')
    .option('-q, --quiet', 'print errors alone')
    .option('--no-limits', 'decode a .tfmz whatever it takes of time and memory')
    .action(async (model: string, options: Options) => {
      print(await work(model, options, sessionOn(terminal, signal, options.quiet === true)), options, terminal);
    });
}

/** A command that makes a model of another. */
export function writingCommand<Options extends WritingOptions>(
  surroundings: Surroundings,
  name: string,
  description: string,
  {kind, help, ending}: Output,
  work: (model: string, options: Options, session: Session) => Promise<Outcome>,
): Command {
  return readingCommand<Options>(surroundings, name, description, async (model, options, session) => {
    const {output, force = false} = options;
    return work(model, {...options, output: await checkOutput({model, output, kind, force, ending})}, session);
  })
    .option('-o, --output <path>', help)
    .option('-f, --force', 'replace a model that is there already');
}

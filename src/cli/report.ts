import {lstat} from 'node:fs/promises';
import {basename, extname} from 'node:path';
import type {Command} from 'commander';
import {TfmotError} from '../errors.ts';
import {writeFileAtomic} from '../node/atomic.ts';
import {readRun} from '../node/record-run.ts';
import type {ReportFacts, RunRecord} from '../report/facts.ts';
import {renderHtml} from '../report/render/html.ts';
import {renderMarkdown} from '../report/render/markdown.ts';
import {renderText} from '../report/render/text.ts';
import {report, reportOfRun} from '../report/report.ts';
import {readingCommand, type Surroundings, type WritingOptions} from './command.ts';
import {brotliBytes} from './facts.ts';
import {readModel, sizeOnDisk} from './model-file.ts';
import {lookAt} from './model-path.ts';
import type {Outcome} from './output.ts';
import type {Session} from './session.ts';
import {argument, freePath} from './shell.ts';

interface Options extends WritingOptions {
  readonly run?: string;
  readonly exact?: boolean;
  readonly latency?: boolean;
}

/** The forms of a report, by how its file is called. */
const FORMS: Readonly<Record<string, (facts: ReportFacts) => string>> = {
  '.html': renderHtml,
  '.md': renderMarkdown,
  '.txt': renderText,
  '.json': facts => `${JSON.stringify(facts, null, 2)}\n`,
};

/** `tfmot report MODEL -o report.html` */
export function reportCommand(surroundings: Surroundings): Command {
  const description = 'draw a model, or the run that made it: sparsity, masks, bytes, time in the engine';
  return readingCommand<Options>(surroundings, 'report', description, draw)
    .option('-o, --output <path>', `a file that ends in ${Object.keys(FORMS).join(', ')}`)
    .option('-f, --force', 'replace a report that is there already')
    .option('--run <folder>', 'the folder of the run.json that was recorded while it trained')
    .option('--exact', 'compress all weights to weigh them, however many')
    .option('--no-latency', 'do not time the engine');
}

async function draw(model: string, options: Options, session: Session): Promise<Outcome> {
  const {output, force = false, run: folder} = options;
  const render = FORMS[extname(output ?? '')];
  if (output === undefined || render === undefined)
    throw new TfmotError(
      'invalid-argument',
      `Say where to write with -o: a file that ends in ${Object.keys(FORMS).join(', ')}. Such as -o ${argument(freePath(model, '.html'))}`,
    );
  await refuseExisting(output, force);
  const found = await lookAt(model);
  const isRun = found.kind === 'foreign' || found.kind === 'empty';
  const run = folder !== undefined ? await readRun(folder) : isRun ? await runIn(model) : undefined;
  const facts =
    isRun && run !== undefined ? reportOfRun(run, basename(model)) : await factsOfModel(model, options, run, session);
  session.signal.throwIfAborted();
  await writeFileAtomic(output, [render(facts)]);
  const {size} = await lstat(output);
  return {
    json: {model, output, facts},
    blocks: facts.notes,
    wrote: {path: output, bytes: size, files: 1, notes: []},
  };
}

async function factsOfModel(
  model: string,
  options: Options,
  run: RunRecord | undefined,
  session: Session,
): Promise<ReportFacts> {
  const open = await readModel(model, options, session);
  const {exact = false, latency = true} = options;
  const brotli = await brotliBytes(open, session);
  const onDisk = await sizeOnDisk(model);
  const sizes = [
    {form: `weights, brotli -${brotli.level}`, bytes: brotli.bytes},
    {form: 'on disk', bytes: onDisk.bytes},
  ];
  return session.stage('looking at the model', pace =>
    report(open, {title: basename(model), exact, latency, sizes, ...(run && {run}), ...pace}),
  );
}

/**
 * The run in a folder that holds no model; undefined for what is no run either, so that reading the model says what it
 * is.
 */
async function runIn(folder: string): Promise<RunRecord | undefined> {
  return readRun(folder).catch(error => {
    if (error instanceof TfmotError && error.code === 'file-not-found') return undefined;
    throw error;
  });
}

async function refuseExisting(output: string, force: boolean): Promise<void> {
  const stats = await lstat(output).catch(() => undefined);
  if (stats === undefined || (force && stats.isFile())) return;
  const what = stats.isFile()
    ? 'is there already. Choose another path, or add --force to replace it'
    : 'is no file. Choose another path';
  throw new TfmotError('file-exists', `${output} ${what}.`);
}

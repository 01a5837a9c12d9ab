import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {sparsity} from 'tfjs-model-optimization';
import {compressedFile, readRun, writeFileAtomic} from 'tfjs-model-optimization/node';
import {artifactsOf, openArtifacts} from 'tfjs-model-optimization/oneshot';
import {type ReportFacts, renderHtml, report} from 'tfjs-model-optimization/report';
import {engineOf, writeCompressed} from './compressed.ts';
import type {Split} from './data.ts';
import {engineAccuracyOf, type Score, scoreOf} from './evaluate.ts';
import type {RunOptions} from './options.ts';
import {type Race, race} from './race.ts';
import {quoted} from './shell.ts';
import {grouped, percent, resultTables} from './table.ts';

/** The compressed model: the size of its file, and how good it is once decoded again. */
interface Compressed {
  readonly path: string;
  readonly bytes: number;
  readonly accuracy: number;
}

/**
 * Measures what pruning and compression brought, prints it, and writes it as JSON beside the models. All numbers of the
 * compressed model are those of its file, read back.
 */
export async function showResult(
  {dense, pruned}: {readonly dense: tf.LayersModel; readonly pruned: tf.LayersModel},
  {train, test}: {readonly train: Split; readonly test: Split},
  options: RunOptions,
): Promise<void> {
  const scores = {
    dense: await scoreOf('test dense', dense, test),
    pruned: await scoreOf('test pruned', pruned, test),
  };
  const kernels = (await sparsity.summarize(pruned)).weights;

  const path = join(options.out, 'pruned.tfmz');
  process.stderr.write('Compresses as coarsely as the accuracy on training images allows.\n');
  const bytes = await writeCompressed(pruned, train, path);
  const batches = await engineOf(path, 32);
  const tfmz: Compressed = {path, bytes, accuracy: await engineAccuracyOf('test .tfmz', batches, test)};
  batches.dispose();

  const engine = await engineOf(path);
  const decoded = await tf.loadLayersModel(compressedFile(path));
  const speed = await race(engine, decoded, test);
  engine.dispose();
  decoded.dispose();

  process.stdout.write(resultTables(scores.dense, scores.pruned, kernels, process.stdout.columns || 80));
  process.stdout.write(headline(scores.dense, tfmz, speed));
  const result = {options, ...scores, kernels, tfmz, speed};
  await writeFileAtomic(join(options.out, 'result.json'), [JSON.stringify(result, null, 2)]);
  const page = join(options.out, 'report.html');
  await writeFileAtomic(page, [renderHtml(await factsOf(pruned, options, tfmz))]);
  process.stdout.write(`look at it: ${page}\n`);
}

/** The facts of the pruned model, with the run that was recorded while it trained. */
async function factsOf(pruned: tf.LayersModel, {model, out}: RunOptions, {bytes}: Compressed): Promise<ReportFacts> {
  const artifacts = await artifactsOf(pruned);
  const sizes = [{form: '.tfmz', bytes}];
  return report(openArtifacts(artifacts), {title: model, run: await readRun(out), sizes});
}

/** What it all came to, in a few lines. */
function headline(dense: Score, {path, bytes, accuracy}: Compressed, {engineMs, tfjsMs, ratio, rounds}: Race): string {
  const ms = (value: number): string => `${value.toPrecision(3)} ms`;
  return [
    '',
    `${grouped(bytes)} bytes as .tfmz, ${(dense.bytes / bytes).toFixed(0)} times smaller than dense weights,`,
    `with ${percent(accuracy)} of the test images right; the dense model has ${percent(dense.accuracy)}.`,
    `${ratio.toFixed(1)} times as fast as TensorFlow.js on WebAssembly, one image at a time:`,
    `${ms(engineMs)}, not ${ms(tfjsMs)} (medians of ${rounds} interleaved rounds).`,
    '',
    `next: npx tfmot inspect ${quoted(path)}`,
    '',
  ].join('\n');
}

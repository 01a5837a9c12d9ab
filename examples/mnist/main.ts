/**
 * Trains a classifier of MNIST's digits, prunes it to 90 % zeros while it trains on, compresses it, and measures what
 * that brought. docs/guide/pruning.md walks through this program.
 */
import '@tensorflow/tfjs-backend-wasm';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as tfmot from 'tfjs-model-optimization';
import {modelFolder, recordRun} from 'tfjs-model-optimization/node';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {
  hasCheckpoint,
  loadCheckpoint,
  type Position,
  removeCheckpoint,
  resumeCommand,
  saveCheckpoint,
} from './checkpoint.ts';
import {loadMnist, type Split} from './data.ts';
import {type Interrupt, withInterrupt} from './interrupt.ts';
import {ARCHITECTURES} from './models.ts';
import {parseCommandLine, type RunOptions, USAGE} from './options.ts';
import {showResult} from './result.ts';
import {compile, stepsOf, train} from './training.ts';

/** A run: where it starts, the model to go on with if it was stopped before, and what it learns from. */
interface Run {
  readonly position: Position;
  readonly interrupted: tf.LayersModel | undefined;
  readonly data: {readonly train: Split; readonly test: Split};
}

async function main(): Promise<void> {
  const command = parseCommandLine(process.argv.slice(2));
  if ('help' in command) {
    process.stdout.write(USAGE);
    return;
  }

  // In Node, training runs on WebAssembly: no native binary, and these kernels make it train convolutions.
  await tf.setBackend('wasm');
  registerTrainingKernels();

  const data = await loadMnist();
  const run: Run =
    'resume' in command
      ? await resumed(command.resume, data)
      : {position: {options: command.run, stage: 'dense', step: 0}, interrupted: undefined, data};
  const {options} = run.position;
  announce(run);

  const models = await withInterrupt(interrupt => trainBoth(run, interrupt));
  if (models === undefined) return;
  await showResult(models, data, options);
  await removeCheckpoint(options);
}

interface Models {
  readonly dense: tf.LayersModel;
  readonly pruned: tf.LayersModel;
}

/** Both stages, or what is left of them. Undefined if the user stopped it. */
async function trainBoth(run: Run, interrupt: Interrupt): Promise<Models | undefined> {
  const {options, stage} = run.position;
  const dense = stage === 'dense' ? await trainDense(run, interrupt) : await loadModel(options, 'dense');
  if (dense === undefined) return undefined;
  const pruned = await trainPruned(dense, run, interrupt);
  return pruned && {dense, pruned};
}

/** Stage one, ordinary training. Undefined if it was interrupted. */
async function trainDense(run: Run, interrupt: Interrupt): Promise<tf.LayersModel | undefined> {
  const {options} = run.position;
  let model = run.interrupted;
  if (model === undefined) {
    model = ARCHITECTURES[options.model]!.build(options.seed);
    compile(model);
  }
  if (!(await trainOrStop(model, run, run.position, interrupt, []))) return undefined;
  await model.save(modelFolder(join(options.out, 'dense')));
  return model;
}

/** Stage two: training goes on while more and more weights become zero. Undefined if it was interrupted. */
async function trainPruned(dense: tf.LayersModel, run: Run, interrupt: Interrupt): Promise<tf.LayersModel | undefined> {
  const {options} = run.position;
  const position: Position = run.position.stage === 'pruning' ? run.position : {options, stage: 'pruning', step: 0};
  let model = run.position.stage === 'pruning' ? run.interrupted : undefined;
  if (model === undefined) {
    const steps = stepsOf(position);
    model = tfmot.sparsity.pruneLowMagnitude(dense, {
      // The network has the second half of the stage to recover from the last cut.
      pruningSchedule: tfmot.sparsity.polynomialDecay({
        initialSparsity: 0,
        finalSparsity: options.sparsity,
        beginStep: 0,
        endStep: Math.floor(steps / 2),
        frequency: Math.max(1, Math.floor(steps / 50)),
      }),
      blockSize: options.block,
    });
    compile(model);
  }
  const {seed, sparsity} = options;
  const about = {model: options.model, backend: tf.getBackend(), seed, sparsity, block: options.block.join(' x ')};
  const {onRecord} = recordRun({dir: options.out, about, append: position.step > 0});
  const callbacks = [tfmot.sparsity.updatePruningStep(), tfmot.sparsity.pruningSummaries({onRecord})];
  if (!(await trainOrStop(model, run, position, interrupt, callbacks))) return undefined;

  const sparse = tfmot.sparsity.stripPruning(model);
  await sparse.save(modelFolder(join(options.out, 'pruned')));
  return sparse;
}

/**
 * Trains to the end of the stage and returns true, or leaves a checkpoint, says how to go on and returns false. Saves a
 * checkpoint now and then besides, the first when a stage begins on another's result, so that a run that is killed goes
 * on from there.
 */
async function trainOrStop(
  model: tf.LayersModel,
  run: Run,
  position: Position,
  interrupt: Interrupt,
  callbacks: readonly tf.Callback[],
): Promise<boolean> {
  const {options} = position;
  if (position.stage === 'pruning' && position.step === 0) await saveCheckpoint(model, position);
  let saved = performance.now();
  const finished = await train({
    model,
    data: run.data.train,
    position,
    callbacks,
    onStep: async step => {
      if (interrupt.requested || performance.now() - saved >= 1000 * options.checkpointSeconds) {
        await saveCheckpoint(model, {...position, step});
        saved = performance.now();
      }
      return interrupt.requested;
    },
  });
  if (!finished) {
    process.stderr.write(`Stopped in the ${position.stage} stage. To go on:\n\n  ${resumeCommand(options)}\n`);
    process.exitCode = 130;
  }
  return finished;
}

async function resumed(folder: string, data: Run['data']): Promise<Run> {
  const {model, position} = await loadCheckpoint(folder);
  return {position, interrupted: model, data};
}

function loadModel(options: RunOptions, name: string): Promise<tf.LayersModel> {
  return tf.loadLayersModel(modelFolder(join(options.out, name)));
}

/** Says what will be done, and how to go on should it be cut off. */
function announce({position: {options, stage, step}, interrupted, data}: Run): void {
  const {model, images, epochs, sparsity, checkpointSeconds} = options;
  const {title, parameters} = ARCHITECTURES[model]!;
  const passes = (count: number): string => `${epochs} x ${count.toLocaleString('en-US')}`;
  const resume = `\n\n  ${resumeCommand(options)}\n\n`;
  process.stderr.write(
    `${title}, ${parameters.toLocaleString('en-US')} parameters. Trains on ${passes(images.dense)} of MNIST's\n` +
      `${data.train.count.toLocaleString('en-US')} images, then on ${passes(images.pruning)} while pruning to ${100 * sparsity} %.\n`,
  );
  if (interrupted !== undefined) process.stderr.write(`Goes on in the ${stage} stage after step ${step}.\n`);
  else if (hasCheckpoint(options)) {
    process.stderr.write(`An earlier run was cut off here. To go on with that one instead, stop and type:${resume}`);
  }
  process.stderr.write(`Saves a checkpoint every ${checkpointSeconds} s. If this run is cut off, go on with:${resume}`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

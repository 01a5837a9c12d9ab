import type {Command} from 'commander';
import {TfmotError} from '../errors.ts';
import {type Surroundings, type WritingOptions, writingCommand} from './command.ts';
import {modelFacts} from './facts.ts';
import {readModel, sizeOnDisk, writeModel} from './model-file.ts';
import {findModel} from './model-path.ts';
import type {Outcome} from './output.ts';
import {checkForm} from './output-path.ts';
import type {Session} from './session.ts';
import {inspectCommandFor} from './shell.ts';
import {grouped} from './text.ts';

/** `tfmot decompress FILE.tfmz -o OUT` */
export function decompressCommand(surroundings: Surroundings): Command {
  const output = {
    kind: 'folder',
    help: 'the folder for model.json and the weights, or the file that the model is, such as model.onnx',
    ending: '',
  } as const;
  const description = 'unpack a .tfmz into a folder that TensorFlow.js reads, or into the file that it was made of';
  return writingCommand(surroundings, 'decompress', description, output, decompress);
}

async function decompress(model: string, options: WritingOptions, session: Session): Promise<Outcome> {
  if ((await findModel(model)).kind !== 'tfmz')
    throw new TfmotError('invalid-argument', `${model} is not compressed: there is nothing to unpack.`);
  const before = {bytes: (await sizeOnDisk(model)).bytes};
  const {output} = options;
  const open = await readModel(model, options, session);
  checkForm(output, open);
  const after = await modelFacts(open, session);
  const wrote = await writeModel(output, open, session);
  return {
    json: {model, output, before, after},
    blocks: [
      {head: ['', 'before', '', 'after'], rows: [['bytes on disk', grouped(before.bytes), '->', grouped(wrote.bytes)]]},
      `${grouped(after.parameters)} parameters; every weight is bit for bit what the file holds.`,
      '',
    ],
    wrote,
    next: inspectCommandFor(wrote),
  };
}

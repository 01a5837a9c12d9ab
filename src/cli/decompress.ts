import {stat} from 'node:fs/promises';
import {Command} from 'commander';
import {isCompressed, measure, quoted, readModel, writeModel} from './model-file.ts';
import {columns, grouped, print} from './output.ts';

/** `tfmot decompress FILE.tfmz -o OUT` */
export function decompressCommand(): Command {
  return new Command('decompress')
    .description('unpack a .tfmz into a folder that tf.loadLayersModel reads')
    .argument('<file>', 'a .tfmz')
    .requiredOption('-o, --output <folder>', 'the folder for model.json and the weights')
    .option('--json', 'print one JSON object', false)
    .action(decompress);
}

async function decompress(
  file: string,
  {output, json}: {output: string; json: boolean},
  command: Command,
): Promise<void> {
  if (!isCompressed(file)) command.error(`error: the file must end in .tfmz, but is '${file}'`);
  if (isCompressed(output)) command.error(`error: the output must be a folder, but is '${output}'`);
  const artifacts = await readModel(file);
  await writeModel(output, artifacts);
  const before = {bytes: (await stat(file)).size};
  const after = await measure(artifacts);
  print(
    {
      json: {model: file, output, before, after},
      lines: columns([
        ['', 'before', '', 'after'],
        ['bytes', grouped(before.bytes), '->', grouped(after.bytes)],
      ]),
      next: `tfmot inspect ${quoted(output)}`,
    },
    json,
  );
}

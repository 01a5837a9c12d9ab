import {parseArgs} from 'node:util';
import {resultFile} from './result.ts';

/** What a benchmark was asked for. */
export interface Options {
  /** Whether a rough answer is enough. */
  readonly quick: boolean;
  /** Where the results go; `undefined` when they are not written, because they are rough and no file was named. */
  readonly file: string | undefined;
}

/**
 * Reads `--quick`, `--out FILE` and `--help` from the command line.
 *
 * @returns `undefined` after the help was asked for, which is printed.
 * @throws TypeError for any other flag.
 */
export function readOptions(benchmark: string, help: string): Options | undefined {
  const {values} = parseArgs({
    options: {help: {type: 'boolean', default: false}, quick: {type: 'boolean', default: false}, out: {type: 'string'}},
  });
  if (!values.help)
    return {quick: values.quick, file: values.out ?? (values.quick ? undefined : resultFile(benchmark))};
  console.log(help);
  return undefined;
}

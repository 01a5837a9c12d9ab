// Measures the .tfmz coder: speed and size, from 0.1 M to 25 M weights: `npm run bench:codec -- --help`.
import {describeMachine, machineText} from '../lib/machine.ts';
import {type Options, readOptions} from '../lib/options.ts';
import {writeResult} from '../lib/result.ts';
import {textTable} from '../lib/table.ts';
import {type CodecTiming, codecCase, timeCodec} from './measure.ts';

const HELP = `npm run bench:codec -- [options]
  --quick     up to 1 M weights; nothing is written unless --out says where
  --out FILE  where the results go as JSON (default bench/results/codec.json)`;

const SIZES = [100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 25_000_000];
const DENSITIES = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
const RATIO_WEIGHTS = 1_000_000;

const options = readOptions('codec', HELP);
if (options !== undefined) await main(options);

async function main({quick, file}: Options): Promise<void> {
  const machine = describeMachine();
  console.log(machineText(machine));
  // The first rounds compile the code.
  for (let i = 0; i < 3; i++) await timeCodec(codecCase(300_000, 0.1), 1);
  const sizes = quick ? SIZES.filter(size => size <= 1_000_000) : SIZES;
  const speed: CodecTiming[] = [];
  for (const size of sizes) speed.push(await timeCodec(codecCase(size, 0.1), size > 5_000_000 ? 2 : 5));
  const ratios: CodecTiming[] = [];
  for (const density of DENSITIES) ratios.push(await timeCodec(codecCase(RATIO_WEIGHTS, density), 2));
  print('90 % zeros, levels uniform from -7 to 7', speed);
  print(`${RATIO_WEIGHTS / 1e6} M weights, random masks, the same levels`, ratios);
  if (file !== undefined) await writeResult(file, {machine, speed, ratios});
}

function print(title: string, rows: readonly CodecTiming[]): void {
  console.log(`\n${title}`);
  console.log(
    textTable(
      ['weights', 'density', 'bytes', 'over entropy', 'encode M/s', 'decode M/s'],
      rows.map(row => [
        row.weights.toLocaleString('en'),
        row.density.toFixed(2),
        row.bytes.toLocaleString('en'),
        row.overEntropy.toFixed(4),
        (row.encodePerSecond / 1e6).toFixed(1),
        (row.decodePerSecond / 1e6).toFixed(1),
      ]),
    ),
  );
}

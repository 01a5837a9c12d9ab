import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {UserConfig} from 'tsdown';

/** What reports are drawn with: one file that nothing need be installed for, and the licences of what is in it. */
const config: UserConfig = {
  entry: {'report/drawing-library': 'src/report/drawing-library.ts'},
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  dts: false,
  clean: false,
  minify: true,
  fixedExtension: false,
  outDir: 'dist',
  deps: {alwaysBundle: [/./]},
  inputOptions: {resolve: {mainFields: ['module', 'main']}},
  plugins: [
    {
      name: 'licences',
      generateBundle(_options, bundle) {
        const modules = Object.values(bundle).flatMap(chunk =>
          chunk.type === 'chunk' ? Object.keys(chunk.modules) : [],
        );
        const folders = new Set(modules.flatMap(packageOf));
        const source = [...folders]
          .sort()
          .map(licenceOf)
          .join(`\n${'-'.repeat(80)}\n\n`);
        this.emitFile({type: 'asset', fileName: 'report/drawing-library.LICENSES.txt', source});
      },
    },
  ],
};

/** The folder of the package that a module belongs to. */
function packageOf(module: string): string[] {
  const found = /^\0?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module);
  return found === null ? [] : [found[1]!];
}

function licenceOf(folder: string): string {
  const {name, version, license} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find(each => /^(licen[cs]e|copying)/i.test(each));
  const text = file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '';
  if (text === '' && license === undefined) throw new Error(`${name} in ${dirname(folder)} has no licence.`);
  return `${name} ${version} (${license})\n\n${text}`;
}

export default config;

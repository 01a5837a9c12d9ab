// The README's snippets as programs, each word for word.
import {copyFileSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {root} from './_pack.mjs';

const README = readFileSync(join(root, 'README.md'), 'utf8');

/** The packages of the README's install line; for the library itself, `library` is installed. */
export function packagesToInstall(library) {
  const line = /^npm install (tfjs-model-optimization .*)$/m.exec(README);
  if (line === null) throw new Error("The README must have a line 'npm install tfjs-model-optimization ...'.");
  const names = line[1].replace(/#.*/, '').trim().split(/\s+/);
  return names.map(name => (name === 'tfjs-model-optimization' ? library : name));
}

/** The lines of the README that call the command, without their comments. */
export function commandLines() {
  return [...README.matchAll(/^npx tfmot .*$/gm)].map(([line]) => line.replace(/\s+#.*/, ''));
}

/**
 * Writes `main.mjs` into a project: it runs every snippet as a module of its own. What one declares is seen by those
 * after it, as by a reader.
 *
 * @param isFor Which snippets a platform runs; all by default.
 */
export function writeSnippets(folder, isFor = () => true) {
  const snippets = [...README.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code).filter(isFor);
  for (const [i, code] of snippets.entries()) writeFileSync(join(folder, `snippet-${i}.mjs`), sharing(code));
  for (const name of ['given', 'verdict']) {
    copyFileSync(join(root, `scripts/try/${name}.mjs`), join(folder, `${name}.mjs`));
  }
  const names = ['given', ...snippets.map((_, i) => `snippet-${i}`), 'verdict'];
  const imports = names.map(name => `await import('./${name}.mjs');\n`).join('');
  writeFileSync(join(folder, 'main.mjs'), `${imports}console.log('${snippets.length} snippets ran and agree');\n`);
}

/** The snippet, every line as it stands, with a line after each declaration that shares what it declares. */
function sharing(code) {
  return code.replace(/^(?:const|let|import) [\s\S]*?;( *\/\/.*)?$/gm, statement => {
    const declared = /^(?:const|let|import \* as) (\w+)|^import \{([\w, ]+)\}/.exec(statement);
    const names = declared === null ? '' : (declared[1] ?? declared[2]);
    return `${statement}\nObject.assign(globalThis, {${names}});`;
  });
}

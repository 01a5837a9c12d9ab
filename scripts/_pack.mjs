// The library as its users get it: packed as npm would publish it, and installed in an empty project.
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** The checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Gives `use` an empty folder outside of the checkout, and removes it afterwards. */
export async function inEmptyFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'tfmot-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** Packs what is built, and returns the tarball's path. */
export function pack(folder) {
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  execFileSync('npm', args, {cwd: root, stdio: 'ignore'});
  return join(
    folder,
    readdirSync(folder).find(name => name.endsWith('.tgz')),
  );
}

/** Makes an empty project in `folder` and installs packages there, by name, path or URL. */
export function install(folder, packages) {
  mkdirSync(folder, {recursive: true});
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

// Packs the library as npm would publish it and lets publint and attw judge the tarball.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const run = (command, args) => execFileSync(command, args, {stdio: ['ignore', 'inherit', 'inherit']});
const folder = mkdtempSync(join(tmpdir(), 'tfmot-pack-'));
try {
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {stdio: 'ignore'});
  const tarball = join(
    folder,
    readdirSync(folder).find(name => name.endsWith('.tgz')),
  );
  run('npx', ['publint', 'run', '--strict', tarball]);
  run('npx', ['attw', '--profile', 'esm-only', '--no-emoji', tarball]);
} finally {
  rmSync(folder, {recursive: true, force: true});
}

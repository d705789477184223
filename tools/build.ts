/**
 * Builds what is published, as the folder `dist/`:
 *
 *   dist/bin/**             the launcher, as in the checkout
 *   dist/cli/*.js           the program: one entry, one chunk per command, the entries of worker threads
 *   dist/cli/verify/*.cjs   the program for `verify` alone, as a script
 *   dist/man/*.1            the manual, a page for each command
 *   dist/lib/**             the libraries and their types, compiled one to one
 *   dist/package.json       the published manifest: no development tools, no bundled dependencies, no Node of its own
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram, bundleVerify } from './bundle.ts';
import { writeManual } from './man/write-manual.ts';
import { formatNotices } from './notices.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: unknown;
  readonly exports?: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

function compileLibraries(): void {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
}

/** `seaworthy/oci/reference.ts` in the sources is `seaworthy/oci/reference` to users. */
function publishedManifest(pages: readonly string[]): unknown {
  const folders = readdirSync(join(dist, 'lib'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const exports = folders.map(({ name }) => [
    `./${name}/*`,
    { types: `./lib/${name}/*.d.ts`, default: `./lib/${name}/*.js` },
  ]);
  const { name, version, description, license, engines, dependencies, peerDependencies, peerDependenciesMeta } =
    manifest;
  const repository = repositoryOf(process.env['SEAWORTHY_REPOSITORY']);
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    ...repository,
    bin: { seaworthy: 'bin/seaworthy.js' },
    man: pages.map((page) => `man/${page}`),
    engines,
    exports: Object.fromEntries(exports),
    dependencies,
    peerDependencies,
    peerDependenciesMeta,
  };
}

/**
 * Where the sources are, which npm compares with where the package is built when it states its provenance: the workflow that builds it
 * says so, and the checkout of a fork need not be changed.
 */
function repositoryOf(url: string | undefined): object {
  return url === undefined || url === ''
    ? {}
    : { repository: { type: 'git', url: `git+${url.replace(/(?:\.git)?$/, '.git')}` } };
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const modules = await bundleProgram(root, join(dist, 'cli'));
await bundleVerify(root, join(dist, 'cli', 'verify'));
compileLibraries();
cpSync(join(root, 'bin'), join(dist, 'bin'), { recursive: true });
const pages = writeManual(root, join(dist, 'man'));
for (const file of ['README.md', 'LICENSE'])
  if (existsSync(join(root, file))) cpSync(join(root, file), join(dist, file));
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(publishedManifest(pages), null, 2)}\n`);
writeFileSync(join(dist, 'THIRD-PARTY-NOTICES'), formatNotices(modules));
process.stdout.write(`Built ${manifest.name} ${manifest.version} in dist/\n`);

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { buildExecutables } from '../executable/build-executables.ts';
import { nodeFor, nodeVersion } from '../executable/nodes.ts';
import { checkSboms, purlOf } from './check-sboms.ts';
import { writeChecksums } from './checksums.ts';
import { ReleaseError } from './error.ts';
import { emptyFolder } from './folder.ts';
import { lockedPackages } from './lock.ts';
import type { ReleaseOptions } from './options.ts';
import { builtProgram } from './program.ts';
import { howToVerify, signFile } from './sign.ts';
import { stageImage } from './stage.ts';
import { checkTree } from './tree.ts';

/**
 * Builds what is released, lists what is in it, judges it by the policy of this repository, and signs it. It stops at the first thing that is
 * not right; what is signed has passed everything before. Nothing is published.
 *
 * @returns the files to publish
 * @throws ReleaseError
 */
export async function release(options: ReleaseOptions): Promise<readonly string[]> {
  let step = 'version';
  const tell = (line: string): void => {
    step = line.slice(0, line.indexOf(':'));
    options.tell(line);
  };
  try {
    return await makeRelease({ ...options, tell });
  } catch (error) {
    // Errors with names of their own are mistakes in this script, and their place is what helps.
    if (!(error instanceof Error) || error.name !== 'Error') throw error;
    throw new ReleaseError(step, sentenceOf(error), { cause: error });
  }
}

/** Of what fails outside of this script: a program that is not there, or a file. */
function sentenceOf(error: NodeJS.ErrnoException): string {
  const [, program] = /^spawn(?:Sync)? (.+)$/.exec(error.syscall ?? '') ?? [];
  if (program !== undefined && error.code === 'ENOENT') return `${program} is not on the path; install it`;
  return error.message.trim();
}

async function makeRelease(options: ReleaseOptions): Promise<readonly string[]> {
  const { root, out, tell, signing } = options;
  const version = checkVersion(options);
  emptyFolder(out);

  tell('build: the package');
  const locked = lockedPackages(root);
  if (!options.keepsDist) buildPackage(options);
  else if (!existsSync(join(root, 'dist'))) throw new ReleaseError('build', 'There is no dist/; leave out --no-build');
  const run = builtProgram(root);

  tell('sbom: what is in it');
  const image = await stageImage(root, join(out, '.stage'), locked);
  const sboms = { cyclonedx: join(out, 'seaworthy.cdx.json'), spdx: join(out, 'seaworthy.spdx.json') };
  const outputs = ['-o', `cyclonedx-json=${sboms.cyclonedx}`, '-o', `spdx-json=${sboms.spdx}`];
  run('sbom', ['sbom', image, '--no-cache', ...outputs]);
  checkSboms(purlOf('seaworthy', version), locked, sboms.cyclonedx, sboms.spdx);

  tell('gate: the policy of this repository');
  // A source of one's own makes another database than what this user's other scans go by.
  const { databaseSource } = options;
  const cache = databaseSource === undefined ? [] : ['--cache-dir', join(out, '.stage-cache')];
  const source = databaseSource === undefined ? [] : ['--db-source', databaseSource];
  run('gate', ['db', 'update', '--quiet', ...source, ...cache]);
  run('gate', ['image', image, '--no-cache', ...cache, '-o', 'table', '-o', `json=${join(out, 'findings.json')}`]);
  run('gate', ['policy', 'check', '--policy', options.policy, ...cache, image]);
  rmSync(join(out, '.stage-cache'), { recursive: true, force: true });
  rmSync(join(out, '.stage'), { recursive: true });

  tell('pack: the package and the single files');
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', out, join(root, 'dist')], {
    cwd: out,
    encoding: 'utf8',
  });
  const files = [join(out, packed.trim().split('\n').at(-1) ?? ''), ...(await singleFiles(options))];
  const texts = [...Object.values(sboms), writeNotices(options)];

  tell('sign: every file, and what is in it');
  const sums = writeChecksums(out, version, [...files, ...texts]);
  const bundles = [...files, ...texts, sums].flatMap((file) =>
    signFile(file, files.includes(file) ? sboms : undefined, signing, run),
  );
  tell(`done: ${howToVerify(sums, signing)}`);
  return [...files, ...texts, sums, ...bundles];
}

function buildPackage({ root, repository = '' }: ReleaseOptions): void {
  execFileSync(process.execPath, [join(root, 'tools', 'build.ts')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SEAWORTHY_REPOSITORY: repository },
  });
}

/** A tag names the version of the manifest, for which all notes of changes were taken into the changelog. */
function checkVersion({ root, tag, repository, keepsDist, out, prebuilt }: ReleaseOptions): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  if (tag === undefined) return version;
  if (tag !== `v${version}`) {
    throw new ReleaseError(
      'version',
      `The tag is ${tag} and package.json says ${version}; tag v${version}, or raise the version`,
    );
  }
  const waiting = readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
  if (waiting.length > 0) {
    throw new ReleaseError(
      'version',
      `${waiting.length} notes of changes wait; run npx changeset version and commit what it writes`,
    );
  }
  if (keepsDist) throw new ReleaseError('version', 'A release of a tag is built anew; leave out --no-build');
  if (repository === undefined) {
    throw new ReleaseError(
      'version',
      'A release has the address of its sources, which npm compares; name it with --repository',
    );
  }
  const apart = [out, ...(prebuilt === undefined ? [] : [prebuilt])].map((path) => relative(root, path));
  checkTree(
    root,
    tag,
    apart.filter((path) => path !== '' && !path.startsWith('..') && !isAbsolute(path)),
  );
  return version;
}

/** The licences of what the program brings; of Node too, which single files have in them and which has no place of its own there. */
function writeNotices({ root, out, targets }: ReleaseOptions): string {
  const path = join(out, 'THIRD-PARTY-NOTICES');
  const nodes = targets.slice(0, 1).map((target) => {
    const licence = join(nodeFor(target, join(root, '.cache', 'nodes')), '..', '..', 'LICENSE');
    return `\n${'-'.repeat(80)}\n\nNode.js ${nodeVersion}\n\n${readFileSync(licence, 'utf8')}`;
  });
  writeFileSync(path, [readFileSync(join(root, 'dist', 'THIRD-PARTY-NOTICES'), 'utf8'), ...nodes].join(''));
  return path;
}

async function singleFiles({ root, out, targets, prebuilt }: ReleaseOptions): Promise<readonly string[]> {
  const built =
    targets.length === 0 ? [] : await buildExecutables({ root, targets, out, nodes: join(root, '.cache', 'nodes') });
  if (prebuilt === undefined) return built;
  const brought = (existsSync(prebuilt) ? readdirSync(prebuilt) : []).filter((name) =>
    /^seaworthy-darwin-(?:x64|arm64)$/.test(name),
  );
  if (brought.length === 0)
    throw new ReleaseError('pack', `There is no single file in ${prebuilt}; build them there first`);
  for (const name of brought) copyFileSync(join(prebuilt, name), join(out, name));
  return [...built, ...brought.map((name) => join(out, name))];
}

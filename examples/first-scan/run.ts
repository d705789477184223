/**
 * The first scan, for who has just got the checkout: makes a container image out of old releases of well-known
 * packages, builds a vulnerability database from the few advisories beside this file, and scans the image with the
 * program itself. It needs the npm registry, and after the first time no network at all.
 */
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, isSeaworthyError } from '../../src/base/error.ts';
import { advisoryFeed } from './advisory-feed.ts';
import { fetchPackages } from './fetch-packages.ts';
import { buildFirstScanImage } from './first-scan-image.ts';
import { npmPack } from './npm-pack.ts';
import { pinnedPackages } from './pinned-packages.ts';
import { commandLine, root, runProgram } from './run-program.ts';
import { openWorkFolder } from './work-folder.ts';
import { writeFolder } from './write-folder.ts';

async function run(): Promise<void> {
  const work = await openWorkFolder({ env: process.env, home: homedir(), temporary: tmpdir() });
  const [image, feed, cache] = ['image', 'advisories', 'cache'].map((name) => join(work, name)) as [
    string,
    string,
    string,
  ];

  const tarballs = await fetchPackages(pinnedPackages, join(work, 'packages'), async (specs, folder) => {
    say(`Fetching ${specs.length} old releases of well-known packages with npm, which are kept for the next time ...`);
    await npmPack(specs, folder, { cwd: root, npmCli: process.env['npm_execpath'] });
  });
  await writeFolder(image, buildFirstScanImage(pinnedPackages, tarballs));
  say(`An image of ${pinnedPackages.length} old packages lies in ${image}`);
  await writeFolder(feed, await advisoryFeed());
  say(`The advisories that come with this example lie in ${feed}`);

  await show(['db', 'build', '--from', feed, '--cache-dir', cache]);
  await show(['image', '--input', image, '--cache-dir', cache]);

  say('\nWhat to type next:');
  const scan = ['image', '--input', image, '--cache-dir', cache];
  suggest('end with exit status 1 where something is HIGH or worse', [...scan, '--fail-on', 'HIGH']);
  suggest('give the findings to another program', [...scan, '-f', 'json']);
  suggest('list everything in the image', ['sbom', `oci-dir:${image}`, '-o', 'cyclonedx-json=first-scan.cdx.json']);
  suggest('fetch the real advisories of all ecosystems (a large download, once)', ['db', 'update']);
  suggest('then scan an image of your own', ['image', 'alpine:3.20']);
  say(`\nEverything this example made lies in ${work}; delete it when you like.`);
}

async function show(args: readonly string[]): Promise<void> {
  say(`\n$ ${commandLine(args)}`);
  await runProgram(args, process.env);
}

function suggest(what: string, args: readonly string[]): void {
  say(`\n  # ${what}\n  ${commandLine(args)}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** True for what a person can mend: named errors of this program, and those of the file system. */
function isExpected(error: unknown): boolean {
  return isSeaworthyError(error) || (error instanceof Error && 'syscall' in error);
}

try {
  await run();
} catch (error) {
  if (!isExpected(error)) throw error;
  process.stderr.write(`${errorMessage(error)}\n`);
  process.exitCode = 1;
}

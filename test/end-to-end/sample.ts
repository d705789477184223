import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, type BuiltImage, type LayerCompression } from '../../testing/image/image-builder.ts';
import { file, type TarEntry } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { storedZip } from '../../testing/stored-zip.ts';
import { run, type Ended, type Surroundings } from './program.ts';

const critical = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const medium = 'CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:L/A:L';

interface Flaw {
  readonly id: string;
  readonly ecosystem: string;
  readonly name: string;
  readonly fixed?: string;
  readonly score: string;
}

/** What the sample database knows. */
const flaws: readonly Flaw[] = [
  { id: 'ALPINE-CVE-2024-0001', ecosystem: 'Alpine:v3.19', name: 'busybox', fixed: '1.36.1-r16', score: medium },
  { id: 'ALPINE-CVE-2024-0002', ecosystem: 'Alpine:v3.19', name: 'musl', score: critical },
  { id: 'CVE-2024-0003', ecosystem: 'npm', name: 'lodash', fixed: '4.17.21', score: critical },
  { id: 'CVE-2024-0004', ecosystem: 'npm', name: 'other', fixed: '2.0.0', score: critical },
];

/** What is found in {@link sampleImage}, worst first. */
export const sampleFindings: readonly string[] = ['CVE-2024-0001', 'CVE-2024-0002', 'CVE-2024-0003'];

function record({ id, ecosystem, name, fixed, score }: Flaw): string {
  const events = [{ introduced: '0' }, ...(fixed === undefined ? [] : [{ fixed }])];
  return JSON.stringify({
    schema_version: '1.7.0',
    id,
    modified: '2024-06-01T00:00:00Z',
    published: '2024-05-01T00:00:00Z',
    ...(id.startsWith('ALPINE-') ? { upstream: [id.slice(7)] } : {}),
    summary: `A flaw of ${name}`,
    details: 'What happens, told at length.',
    severity: [{ type: 'CVSS_V3', score }],
    affected: [{ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events }] }],
  });
}

/** Writes the sample's advisories in the layout of the OSV bucket. */
function writeFeeds(folder: string): void {
  const byFeed = Map.groupBy(flaws, ({ ecosystem }) => ecosystem.split(':')[0] as string);
  for (const [feed, members] of byFeed) {
    mkdirSync(join(folder, feed), { recursive: true });
    const files = Object.fromEntries(members.map((flaw) => [`${flaw.id}.json`, record(flaw)]));
    writeFileSync(join(folder, feed, 'all.zip'), storedZip(files));
  }
}

const osRelease = 'ID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine Linux v3.19"\n';

/** The installed packages of the sample. */
export const apkDatabase: string = [
  'P:busybox\nV:1.36.1-r15\nA:x86_64\nL:GPL-2.0-only\no:busybox\n',
  'P:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\n',
  'P:zlib\nV:1.3.1-r0\nA:x86_64\nL:Zlib\no:zlib\n',
].join('\n');

/** Alpine with three packages. */
export const baseLayer: readonly TarEntry[] = [
  file('etc/os-release', osRelease),
  file('lib/apk/db/installed', apkDatabase),
];

/** An application with one library. */
export const appLayer: readonly TarEntry[] = [
  file('app/node_modules/lodash/package.json', '{"name":"lodash","version":"4.17.20","license":"MIT"}'),
];

/** An image whose packages have the {@link sampleFindings}. */
export function sampleImage(
  compression: LayerCompression = 'gzip',
  more: Partial<Parameters<typeof buildImage>[0]> = {},
): BuiltImage {
  return buildImage({ layers: [baseLayer, appLayer].map((tar) => ({ tar, compression })), ...more });
}

/** A home, a working folder and a cache with the sample's database, for the tests of one file. */
export interface Workplace extends TemporaryDirectory {
  readonly feeds: string;
  readonly cache: string;
  /** Runs the program with this cache and home. */
  run(args: readonly string[], surroundings?: Surroundings): Promise<Ended>;
  /** The environment that {@link run} gives. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes one and builds its database. */
export async function openWorkplace(): Promise<Workplace> {
  const folder = temporaryDirectory();
  const { path } = folder;
  const [feeds, cache, home] = ['feeds', 'cache', 'home'].map((name) => join(path, name)) as [string, string, string];
  mkdirSync(home);
  writeFeeds(feeds);
  const env = { HOME: home, SEAWORTHY_CACHE_DIR: cache };
  const runHere: Workplace['run'] = (args, surroundings = {}) =>
    run(args, { cwd: path, ...surroundings, env: { ...env, ...surroundings.env } });
  const built = await runHere(['db', 'build', '--from', feeds]);
  if (built.status !== 0) throw new Error(built.stderr);
  return { ...folder, feeds, cache, env, run: runHere };
}

interface JsonReport {
  readonly ArtifactName: string;
  readonly Results?: readonly {
    readonly Target: string;
    readonly Class: string;
    readonly Packages?: readonly { readonly Name: string }[];
    readonly Vulnerabilities?: readonly { readonly VulnerabilityID: string; readonly PkgName: string }[];
  }[];
}

/** The ids that a JSON report lists, sorted. */
export function idsIn(json: string): string[] {
  const { Results = [] } = JSON.parse(json) as JsonReport;
  return Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities.map((one) => one.VulnerabilityID)).toSorted();
}

/** The names of the packages that a JSON report lists, sorted. */
export function packagesIn(json: string): string[] {
  const { Results = [] } = JSON.parse(json) as JsonReport;
  return Results.flatMap(({ Packages = [] }) => Packages.map(({ Name }) => Name)).toSorted();
}

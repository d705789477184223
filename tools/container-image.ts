/**
 * Builds the program's own container image, by the program itself: what `npm run build` wrote, Node, and what Node needs of an operating
 * system; no shell, no package manager, and a user that is not root. One image for each architecture whose Node is there, and an index.
 *
 *   npm run image -- --push registry.example.com/seaworthy:1.4 --key cosign.key
 *   npm run image -- --deb base-files.deb --deb libc6.deb … -o oci-dir:./image
 *
 *   --base IMAGE       what it is built on (default: gcr.io/distroless/cc-debian12:nonroot); best by digest
 *   --deb FILE         in place of a base, packages of Debian; all that Node needs, of each architecture
 *   --node-amd64 FILE  Node's program (default: that of node_modules, where it is)
 *   --node-arm64 FILE
 *   -o TARGET, --push NAME, --tag TAG, --json   as for "seaworthy build"
 *   --key KEY          signs each image and the index, and attests each image's SBOM; with --push
 *   -- FLAGS           go to "sign" and "attest", such as --tlog-upload=false
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { architecturesOf, unpackPackages } from './container-image/debian-packages.ts';
import { missingLibraries } from './container-image/libraries.ts';
import { readOptions, type ImageOptions } from './container-image/options.ts';
import { systemFiles } from './container-image/system-files.ts';

const root = join(import.meta.dirname, '..');
const home = '/usr/local/lib/seaworthy';
const nonroot = 65_532;

/** What is put into an image besides what it is built on. */
function contentFlags(work: string, platforms: readonly string[], { nodes, packages }: ImageOptions): string[] {
  const dist = join(root, 'dist');
  const owner = `uid=${nonroot},gid=${nonroot},mode=0700`;
  for (const architecture of platforms) {
    mkdirSync(join(work, architecture, 'node'), { recursive: true });
    const node = nodes.get(architecture) as string;
    writeFileSync(join(work, architecture, 'node', 'node'), readFileSync(node));
    // It lies above the program in what Node releases, as a file and as a package.
    const licence = join(dirname(node), '..', 'LICENSE');
    mkdirSync(join(work, architecture, 'licence'));
    if (existsSync(licence)) writeFileSync(join(work, architecture, 'licence', 'LICENSE'), readFileSync(licence));
  }
  const flags = [
    '--add',
    `${work}/{arch}/node/node:/usr/local/bin/node:mode=0755,layer=node`,
    '--add',
    `${work}/{arch}/licence:/usr/local/share/doc/node:layer=node`,
    ...['bin', 'cli', 'package.json', 'LICENSE', 'THIRD-PARTY-NOTICES'].flatMap((name) => [
      '--add',
      `${join(dist, name)}:${home}/${name}:layer=program`,
    ]),
    '--mkdir',
    `/home/nonroot/.cache/seaworthy:${owner},layer=program`,
    '--mkdir',
    `/home/nonroot/.cache:${owner},layer=program`,
  ];
  if (packages.length === 0) return flags;
  for (const architecture of platforms) {
    const folder = join(work, architecture, 'system');
    unpackPackages(packages, architecture, folder);
    for (const [path, text] of systemFiles(folder)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const missing = missingLibraries(join(work, architecture, 'node', 'node'), folder);
    if (missing.length > 0) {
      throw new Error(`Node needs ${missing.join(', ')}, which no package has; add it with --deb`);
    }
  }
  // The lowest layer is that which changes least.
  return [
    '--add',
    `${work}/{arch}/system:/:mode=keep,layer=system`,
    '--mkdir',
    '/tmp:mode=1777,layer=system',
    '--mkdir',
    `/home/nonroot:${owner},layer=system`,
    ...flags,
  ];
}

function seaworthy(args: readonly string[], show: 'show' | 'take' = 'take'): string {
  const program = [join(root, 'bin', 'seaworthy.js'), ...args];
  const stdio = ['ignore', show === 'show' ? 'inherit' : 'pipe', 'inherit'] as const;
  const out = execFileSync(process.execPath, program, { stdio: [...stdio], maxBuffer: 1 << 26 });
  return show === 'show' ? '' : out.toString();
}

function signAll(report: BuildReport, key: string, more: readonly string[]): void {
  const [repository = ''] = (report.reference ?? '').split('@');
  for (const { digest } of report.images) {
    seaworthy(['attest', '--key', key, '--sbom', 'cyclonedx-json', ...more, `${repository}@${digest}`], 'show');
  }
  seaworthy(['sign', '--key', key, '--recursive', ...more, report.reference ?? ''], 'show');
}

interface BuildReport {
  readonly reference?: string;
  readonly digest: string;
  readonly images: readonly { readonly digest: string }[];
}

function build(options: ImageOptions, work: string): void {
  const { base, packages, targets, key, more, json } = options;
  if (!existsSync(join(root, 'dist', 'cli', 'main.js')))
    throw new Error('There is no dist/; run "npm run build" first');
  const { version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const platforms = packages.length === 0 ? [...options.nodes.keys()] : architecturesOf(packages, options.nodes);
  const about = 'org.opencontainers.image';
  const flags = [
    ['--from', packages.length === 0 ? base : 'scratch'],
    contentFlags(work, platforms, options),
    ['--platform', platforms.map((architecture) => `linux/${architecture}`).join(',')],
    ['--entrypoint', JSON.stringify(['/usr/local/bin/node', `${home}/bin/seaworthy.js`])],
    ['--cmd', '["--help"]', '--user', `${nonroot}:${nonroot}`, '--workdir', '/home/nonroot'],
    ['--env', 'HOME=/home/nonroot', '--env', 'NODE_ENV=production'],
    ['--annotation', `${about}.title=seaworthy`, '--annotation', `${about}.version=${version}`],
    ['--annotation', `${about}.description=${description}`, '--annotation', `${about}.licenses=Apache-2.0`],
    targets,
  ];
  const text = seaworthy(['build', ...flags.flat(), '--json']);
  const report = JSON.parse(text) as BuildReport;
  if (key !== undefined) signAll(report, key, more);
  process.stdout.write(json ? text : `${report.reference ?? report.digest}\n`);
}

// Modes of what is made on the way are those in the image.
process.umask(0o022);
const work = mkdtempSync(join(tmpdir(), 'seaworthy-image-'));
try {
  build(readOptions(process.argv.slice(2), root), work);
} catch (error) {
  // A program that failed has said why.
  if (!(error instanceof Error && 'status' in error)) process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

import { readFileSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { Command, CommanderError } from 'commander';
import { addSettings, normalizeSwitches } from './config/flags.ts';
import { loadSettings } from './config/load-settings.ts';
import { unknownVariables } from './config/unknown-variables.ts';
import type { ResolvedSettings } from './config/resolve.ts';
import type { SettingKey } from './config/settings.ts';
import { settingKeys } from './config/table.ts';
import { describeCauses, describeError } from './describe-error.ts';
import { exitCode } from './exit-code.ts';
import type { Host } from './host.ts';
import { openHost } from './open-host.ts';
import { openOutput } from './stream-output.ts';
import { describeUsageError } from './usage-error.ts';

const everyCommand = ['cacheDir', 'quiet', 'noProgress', 'debug'] as const satisfies readonly SettingKey[];
const network = ['offline', 'caCert', 'insecure', 'plainHttp'] as const satisfies readonly SettingKey[];
const registry = [
  'username',
  'passwordStdin',
  'registryToken',
  'dockerHost',
  'podmanHost',
] as const satisfies readonly SettingKey[];
const reading = [
  'skipDirs',
  'skipFiles',
  'timeout',
  'parallel',
  'cacheSize',
  'noCache',
] as const satisfies readonly SettingKey[];
const findings = [
  'severity',
  'ignoreUnfixed',
  'ignorefile',
  'pkgTypes',
  'listAllPkgs',
  'format',
  'output',
  'exitCode',
  'failOn',
  'dbMaxAge',
] as const satisfies readonly SettingKey[];

/** Does the work of a command; gives the exit status. */
type Work = (resolved: ResolvedSettings, host: Host) => Promise<number>;

/** The command line. Each command's own code is loaded when it runs, so that help and short commands stay quick. */
function buildProgram(host: Host, finish: (status: number) => void): Command {
  // Help comes in several pieces; that they cannot be written is said once.
  let lost: Promise<void> | undefined;
  const tellLost = (error: unknown): Promise<void> => (lost ??= reportLost(error, host).then(finish));
  const program = new Command('seaworthy')
    .description('Secures container images: finds known vulnerabilities, lists what is inside, and gates pipelines.')
    .version(host.version, '-V, --version')
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text).catch(tellLost),
      writeErr: (text) => void host.stderr.write(text),
      outputError: (text, write) => write(`${describeUsageError(text)}\n`),
    })
    .exitOverride();
  // Before the command too, where pipelines for Trivy write them.
  addSettings(program, everyCommand);
  examples(program, [
    ['db update', 'once, and again when the database is too old'],
    ['image alpine:3.20', 'what is known of an image'],
    ['image --help', 'the flags of a command'],
  ]);

  const run = (command: Command, work: Work): Promise<void> => runWork(command, work, host).then(finish);

  const image = program
    .command('image')
    .argument(
      '[image...]',
      'references (alpine:3.20), or registry:, docker:, podman:, docker-archive:, oci-archive:, oci-dir:, dir: and what follows',
    )
    .description('Find the known vulnerabilities of container images.')
    .action((names: string[], _options: unknown, command: Command) =>
      run(command, async (resolved, at) => (await import('./commands/image.ts')).imageCommand(names, resolved, at)),
    );
  addSettings(image, ['input', 'platform', ...findings, ...reading, ...everyCommand, ...network, ...registry]);
  examples(image, [
    ['image alpine:3.20', 'from its registry'],
    ['image --input image.tar --severity HIGH,CRITICAL', 'from a file, the worst only'],
    ['image --fail-on HIGH -o table -o json=report.json app:1', 'two reports; fail on HIGH and CRITICAL'],
  ]);

  const rootfs = program
    .command('rootfs')
    .argument('<dir...>', 'folders that hold an unpacked file system')
    .description('Find the known vulnerabilities of an unpacked file system.')
    .action((folders: string[], _options: unknown, command: Command) =>
      run(command, async (resolved, at) => (await import('./commands/image.ts')).rootfsCommand(folders, resolved, at)),
    );
  // It opens no connection anyway; pipelines may give the switch to every command alike.
  addSettings(rootfs, [...findings, ...reading, ...everyCommand, 'offline']);
  examples(rootfs, [['rootfs /mnt/system', 'a mounted or unpacked system']]);

  const sbom = program
    .command('sbom')
    .argument('<source>', 'an image or folder, as for "image"')
    .description('List what is in an image as a bill of materials.')
    .action((name: string, _options: unknown, command: Command) =>
      run(command, async (resolved, at) => (await import('./commands/sbom.ts')).sbomCommand(name, resolved, at)),
    );
  addSettings(sbom, ['output', 'format', 'platform', ...reading, ...everyCommand, ...network, ...registry]);
  examples(sbom, [
    ['sbom alpine:3.20 -o cyclonedx-json=alpine.cdx.json', 'CycloneDX 1.6 in a file'],
    ['sbom oci-dir:./image -o spdx-json', 'SPDX 2.3 on standard output'],
  ]);

  const scan = program
    .command('scan')
    .argument('<target>', 'sbom:FILE, or an image or folder as for "image"')
    .description('Look up what a bill of materials, an image or a folder holds.')
    .action((target: string, _options: unknown, command: Command) =>
      run(command, async (resolved, at) => {
        if (target.startsWith('sbom:')) {
          return (await import('./commands/sbom.ts')).scanSbomCommand(target.slice(5), resolved, at);
        }
        return (await import('./commands/image.ts')).imageCommand([target], resolved, at);
      }),
    );
  addSettings(scan, ['platform', ...findings, ...reading, ...everyCommand, ...network, ...registry]);
  examples(scan, [['scan sbom:alpine.cdx.json', 'what the image scan finds, without the image']]);

  addDatabaseCommands(program, run);

  const settings = program
    .command('settings')
    .description('Print each setting and where its value comes from.')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('./commands/settings.ts')).settingsCommand(options.json === true, resolved, at),
      ),
    );
  addSettings(settings, settingKeys);
  examples(settings, [
    ['settings', 'what holds in this folder'],
    ['settings --fail-on HIGH', 'and what a flag would change'],
  ]);
  return program;
}

function addDatabaseCommands(program: Command, run: (command: Command, work: Work) => Promise<void>): void {
  const db = program.command('db').description('Build, update and inspect the vulnerability database.');
  const load = () => import('./commands/db.ts');
  examples(db, [
    ['db update', 'fetch what changed'],
    ['db build --from ./osv', 'from a folder, without network'],
  ]);
  const build = db
    .command('build')
    .description('Build the database anew from a folder or URL in the layout of the OSV bucket.')
    .option('--from <dir-or-url>', 'where <ecosystem>/all.zip lie')
    .action((options: { from?: string }, command: Command) =>
      run(command, async (resolved, at) => (await load()).buildCommand(options.from, resolved.settings, at)),
    );
  addSettings(build, ['dbSource', ...everyCommand, ...network]);
  examples(build, [
    ['db build --from ./osv', 'from a folder, without network'],
    ['db build --from https://mirror.example.com/osv', 'from a mirror'],
  ]);
  const update = db
    .command('update')
    .description('Fetch what changed since the last time.')
    .action((_options: unknown, command: Command) =>
      run(command, async (resolved, at) => (await load()).updateCommand(resolved.settings, at)),
    );
  addSettings(update, ['dbSource', ...everyCommand, ...network]);
  examples(update, [['db update', 'from the source that the settings name']]);
  const status = db
    .command('status')
    .description('Say how old the database is and what it holds.')
    .option('--verify', 'check every file against its digest')
    .option('--json', 'as JSON')
    .action((options: { verify?: boolean; json?: boolean }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).statusCommand(
          { verify: options.verify === true, json: options.json === true },
          resolved.settings,
          at,
        ),
      ),
    );
  addSettings(status, ['dbMaxAge', ...everyCommand]);
  examples(status, [
    ['db status', 'how old it is'],
    ['db status --verify --json', 'whether it is whole, for a program'],
  ]);
  const path = db
    .command('path')
    .description('Print the folder of the database.')
    .action((_options: unknown, command: Command) =>
      run(command, async (resolved, at) => (await load()).pathCommand(resolved.settings, at)),
    );
  addSettings(path, ['cacheDir']);
  examples(path, [['db path', 'to copy it to a machine without network']]);
}

/** Each with a word on what it does, above it: beside it, the lines would be wider than a terminal. */
function examples(command: Command, lines: readonly (readonly [line: string, what: string])[]): void {
  const text = lines.map(([line, what]) => `  # ${what}\n  $ ${['seaworthy', line].join(' ')}`).join('\n');
  command.addHelpText('after', `\nExamples:\n${text}`);
}

async function runWork(command: Command, work: Work, host: Host): Promise<number> {
  // Until the settings are read, and when they cannot be, the flag alone tells.
  let debug = command.optsWithGlobals()['debug'] === true;
  try {
    const resolved = await loadSettings(command, host);
    ({ debug } = resolved.settings);
    for (const sentence of unknownVariables(host.env)) await host.stderr.write(`${sentence}\n`);
    return await work(resolved, host);
  } catch (error) {
    return reportFailure(error, debug, host);
  }
}

/** Help or a version that could not be written; no command runs that would tell. */
async function reportLost(error: unknown, host: Host): Promise<number> {
  await host.stderr.write(`${describeError(error)}\n`);
  return exitCode.error;
}

async function reportFailure(error: unknown, debug: boolean, host: Host): Promise<number> {
  const status = host.interruptStatus();
  // What breaks because everything was told to stop is no failure of its own.
  await host.stderr.write(`${describeError(status === undefined ? error : host.signal.reason)}\n`);
  if (debug) await host.stderr.write(`${describeCauses(error).join('\n')}\n`);
  return status ?? exitCode.error;
}

async function main(): Promise<void> {
  const host = openHost({
    env: process.env,
    cwd: process.cwd(),
    home: homeFolder(),
    arch: process.arch,
    cores: availableParallelism(),
    version: readVersion(),
    stdout: openOutput(process.stdout, 'stdout'),
    stderr: openOutput(process.stderr, 'stderr'),
    stdin: process.stdin,
    onInterrupt: (stop) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop(name));
    },
    exit: (status) => process.exit(status),
  });
  const program = buildProgram(host, (status) => {
    process.exitCode = status;
  });
  try {
    await program.parseAsync(normalizeSwitches(process.argv.slice(2)), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.error;
    else process.exitCode = await reportFailure(error, false, host);
  }
}

/** A user of a container may have no home folder at all; what would lie there is then kept in the temporary folder. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return tmpdir();
  }
}

/** The manifest lies two folders up in the checkout (`src/cli`), one up in what is published (`cli`). */
function readVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Record<
        string,
        string
      >;
      if (name === 'seaworthy' && version !== undefined) return version;
    } catch {
      continue;
    }
  }
  return '0.0.0';
}

await main();

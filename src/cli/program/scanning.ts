import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { examples, type Run } from './registrar.ts';
import { addScannerOptions } from './scanner-options.ts';
import { everyCommand, findings, network, reading, registry, storedSboms } from './setting-groups.ts';

/** The commands that look into images. */
export function addScanningCommands(program: Command, run: Run): void {
  const image = program
    .command('image')
    .argument(
      '[image...]',
      'references (alpine:3.20), or registry:, docker:, podman:, docker-archive:, oci-archive:, oci-dir:, dir: and what follows',
    )
    .description('Find the known vulnerabilities of container images.')
    .action((names: string[], _options: unknown, command: Command) =>
      run(command, async (resolved, at) => (await import('../commands/image.ts')).imageCommand(names, resolved, at)),
    );
  addSettings(image, [
    'input',
    'platform',
    ...findings,
    ...reading,
    ...storedSboms,
    ...everyCommand,
    ...network,
    ...registry,
  ]);
  addScannerOptions(image);
  examples(image, [
    ['image alpine:3.20', 'from its registry'],
    ['image --input image.tar --severity HIGH,CRITICAL', 'from a file, the worst only'],
    ['image --sbom-key registry.pub registry.example/app:1', 'no layer read where the registry has scanned it'],
    ['image --vex app.vex.json registry.example/app:1', 'without what its makers say does not affect it'],
    ['image --fail-on HIGH -o table -o json=report.json app:1', 'two reports; fail on HIGH and CRITICAL'],
  ]);

  const rootfs = program
    .command('rootfs')
    .argument('<dir...>', 'folders that hold an unpacked file system')
    .description('Find the known vulnerabilities of an unpacked file system.')
    .action((folders: string[], _options: unknown, command: Command) =>
      run(command, async (resolved, at) => (await import('../commands/image.ts')).rootfsCommand(folders, resolved, at)),
    );
  // It opens no connection anyway; pipelines may give the switch to every command alike.
  addSettings(rootfs, [...findings, ...reading, ...everyCommand, 'offline']);
  addScannerOptions(rootfs);
  examples(rootfs, [['rootfs /mnt/system', 'a mounted or unpacked system']]);

  addSourceCommands(program, run);

  const sbom = program
    .command('sbom')
    .argument('<source>', 'an image or folder, as for "image"; fs:PATH for source code')
    .description('List what is in an image as a bill of materials.')
    .action((name: string, _options: unknown, command: Command) =>
      run(command, async (resolved, at) => (await import('../commands/sbom.ts')).sbomCommand(name, resolved, at)),
    );
  addSettings(sbom, [
    'output',
    'format',
    'platform',
    'includeDevDeps',
    ...reading,
    ...storedSboms,
    ...everyCommand,
    ...network,
    ...registry,
  ]);
  const format = sbom.options.find(({ long }) => long === '--format');
  // The setting is that of reports, of which most are no bills of materials.
  if (format !== undefined) format.description = 'cyclonedx-json or spdx-json (default: cyclonedx-json)';
  examples(sbom, [
    ['sbom alpine:3.20 -o cyclonedx-json=alpine.cdx.json', 'CycloneDX 1.6 in a file'],
    ['sbom oci-dir:./image -o spdx-json', 'SPDX 2.3 on standard output'],
    ['sbom fs:.', 'what the lock files of source code name'],
  ]);

  const scan = program
    .command('scan')
    .argument('<target>', 'sbom:FILE, fs:PATH for source code, or an image or folder as for "image"')
    .description('Look up what a bill of materials, an image or a folder holds.')
    .action((target: string, _options: unknown, command: Command) =>
      run(command, async (resolved, at) => {
        if (target.startsWith('sbom:')) {
          return (await import('../commands/sbom.ts')).scanSbomCommand(target.slice(5), resolved, at);
        }
        return (await import('../commands/image.ts')).imageCommand([target], resolved, at);
      }),
    );
  addSettings(scan, [
    'platform',
    'includeDevDeps',
    ...findings,
    ...reading,
    ...storedSboms,
    ...everyCommand,
    ...network,
    ...registry,
  ]);
  addScannerOptions(scan);
  examples(scan, [
    ['scan sbom:alpine.cdx.json', 'what the image scan finds, without the image'],
    ['scan sbom:app.cdx.json --vex app.vex.cdx.json', 'without what a VEX document about it clears'],
  ]);
}

/** Trivy's two commands for source code. Here they are alike: neither clones what is not on this machine. */
function addSourceCommands(program: Command, run: Run): void {
  const kinds = [
    ['fs', 'filesystem', 'Find the known vulnerabilities of source code, by its lock files.'],
    ['repo', 'repository', 'The same as "fs", of a repository that was cloned already.'],
  ] as const;
  for (const [name, alias, description] of kinds) {
    const command = program
      .command(name)
      .alias(alias)
      .argument('<path...>', 'folders of source code, or lock files')
      .description(description)
      .action((paths: string[], _options: unknown, self: Command) =>
        run(self, async (resolved, at) => (await import('../commands/image.ts')).fsCommand(paths, resolved, at)),
      );
    addSettings(command, ['includeDevDeps', ...findings, ...reading, ...everyCommand, 'offline']);
    addScannerOptions(command);
    examples(command, [
      [`${name} .`, 'what the lock files here and below name'],
      [`${name} --include-dev-deps --fail-on HIGH .`, 'with what only development needs; fail on HIGH and CRITICAL'],
    ]);
  }
}

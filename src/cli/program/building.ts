import { type Command, Option } from 'commander';
import type { BuildFlags } from '../build/flags.ts';
import { addSettings } from '../config/flags.ts';
import { collect, repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

/** The command that makes images. */
export function addBuildCommand(program: Command, run: Run): void {
  const more = (flags: string, text: string): Option =>
    new Option(flags, `${text}; may be repeated`).argParser(collect).default([], 'none');
  const build = program
    .command('build')
    .description('Make a container image of files, the same for the same files on every machine, without a daemon.')
    .option('--from <image>', 'what it is built on: a reference, oci-dir:, oci-archive: or docker-archive:', 'scratch')
    .addOption(
      more(
        '--add <src:dest>',
        'a file or folder, and where it goes; then, if wanted, :mode=0755,dir-mode=0755,uid=0,gid=0,layer=NAME. SRC may hold {os}, {arch} and {variant}',
      ),
    )
    .addOption(more('--mkdir <dest>', 'an empty folder, such as /tmp:mode=1777'))
    .option('--entrypoint <words>', 'what is run: words, or a JSON list')
    .option('--cmd <words>', 'what is run, or what the entrypoint is given: words, or a JSON list')
    .addOption(more('--env <key=value>', 'a variable'))
    .option('--user <user>', 'who it runs as, such as 65532:65532')
    .option('--workdir <folder>', 'the folder that it runs in')
    .addOption(more('--label <key=value>', 'a label of the config'))
    .addOption(more('--annotation <key=value>', 'an annotation of the manifest, and of the index'))
    .option('--revision <text>', 'the commit that it was built of, as an annotation')
    .addOption(more('--expose <port>', 'a port that it listens at, such as 8080 or 53/udp'))
    .addOption(more('--volume <folder>', 'a folder whose content outlives it'))
    .option('--stop-signal <signal>', 'what ends it, such as SIGTERM')
    .addOption(
      repeated(
        '--platform <platforms>',
        'linux/amd64,linux/arm64: an image for each, and an index over them',
        'that of the base, else linux on the architecture of this machine',
      ),
    )
    .addOption(
      new Option('--compression <kind>', 'how its layers are packed').choices(['gzip', 'zstd', 'none']).default('gzip'),
    )
    .addOption(more('-o, --output <target>', 'oci-dir:DIR (or layout:DIR), oci-archive:FILE or docker-archive:FILE'))
    .option('--push <name>', 'the repository that it is pushed to, with or without a tag')
    .addOption(more('--tag <tag>', 'a further tag with --push; what it is called in files without'))
    .option('--digest-file <file>', 'write its digest here as well')
    .option('--json', 'print what was built as JSON in place of the digest')
    .action((given: BuildFlags, command: Command) =>
      run(command, async (resolved, at) => (await import('../commands/build.ts')).buildCommand(given, resolved, at)),
    );
  addSettings(build, [...everyCommand, ...network, ...registryOnly]);
  examples(build, [
    [
      'build --add ./app:/usr/bin/app --entrypoint /usr/bin/app --user 65532:65532 -o oci-dir:./image',
      'a static program, and nothing else',
    ],
    [
      'build --from alpine:3.20 --add ./dist:/srv/app --workdir /srv/app --push registry.example.com/app:1.4',
      'files on a base; its layers are mounted or copied',
    ],
    [
      'build --platform linux/amd64,linux/arm64 --add ./app-{arch}:/app --entrypoint /app --push registry.example.com/app:1.4',
      'one program for each platform',
    ],
  ]);
}

import type { Command } from 'commander';
import type { TrustedRootOptions } from '../commands/trusted-root.ts';
import { addSettings } from '../config/flags.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { stagingMirror } from '../signing/staging.ts';
import { collect } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, signing, verifying } from './setting-groups.ts';

/** The commands about whom to trust, and those for tests and tools. */
export function addTrustCommands(program: Command, run: Run): void {
  const load = () => import('../commands/trust.ts');
  const initialize = program
    .command('initialize')
    .description('Fetch whom to trust from a TUF repository, for all later commands.')
    .option('--mirror <url>', 'the repository')
    .option('--root <file-or-url>', 'its first root metadata')
    .option('--root-checksum <hex>', 'what that must hash to: SHA-256, or sha512:HEX')
    .option('--staging', "sigstore's staging instance")
    .action((given: { mirror?: string; root?: string; rootChecksum?: string; staging?: true }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).initializeCommand({ ...given, staging: given.staging === true }, resolved, at),
      ),
    );
  addSettings(initialize, [...everyCommand, ...network, 'timeout']);
  examples(initialize, [
    ['initialize', "sigstore's public-good instance"],
    ['initialize --mirror https://tuf.example.com --root root.json', 'your own'],
  ]);

  const trustedRoot = program.command('trusted-root').description('Write files for --trusted-root.');
  const create = trustedRoot
    .command('create')
    .description('Write a trusted root: of the services that you name, else of those of the TUF repository.')
    .option('--out <file>', 'where it goes; standard output by default')
    .option(
      '--fulcio <fields>',
      'url=…,certificate-chain=FILE[,start-time=…][,end-time=…]; may be repeated',
      collect,
      [],
    )
    .option('--rekor <fields>', 'url=…,public-key=FILE,start-time=…[,end-time=…][,origin=…]', collect, [])
    .option('--ctfe <fields>', 'as --rekor, of a log of certificates', collect, [])
    .option('--tsa <fields>', 'as --fulcio, of a timestamp authority', collect, [])
    .option('--with-default-services', 'keep what the TUF repository says of all kinds that you do not name')
    .option('--no-default-fulcio', "leave out the TUF repository's certificate authorities")
    .option('--no-default-rekor', '… its transparency logs')
    .option('--no-default-ctfe', '… its logs of certificates')
    .option('--no-default-tsa', '… its timestamp authorities')
    .action((given: GivenServices, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/trusted-root.ts')).trustedRootCommand(servicesOf(given), resolved, at),
      ),
    );
  addSettings(create, ['tufMirror', 'tufRoot', ...everyCommand, ...network, 'timeout']);
  examples(create, [
    ['trusted-root create --out trusted_root.json', 'sigstore\'s, or what "initialize" fetched'],
    ['trusted-root create --fulcio url=https://ca.example.com,certificate-chain=ca.pem', 'your own authority'],
  ]);

  const bundle = program.command('bundle').description('Look into bundles.');
  const inspect = bundle
    .command('inspect')
    .argument('<file>', 'a bundle; - is standard input')
    .description('Say what a bundle claims. Nothing is verified.')
    .action((file: string, _given: unknown, command: Command) =>
      run(command, async (_resolved, at) => (await import('../commands/bundle.ts')).bundleInspectCommand(file, at)),
    );
  addSettings(inspect, [...everyCommand]);

  const dev = program
    .command('sigstore-dev')
    .description('Run a whole sigstore on this machine, to try things and for tests.')
    .option('--port <number>', 'any free one by default')
    .option('--dir <folder>', 'write what clients need there')
    .option('--rekor <version>', 'the log that signers are told to use: 1 or 2', '1')
    .option('--email <address>', 'who comes out of a login')
    .action((given: { port?: string; dir?: string; rekor?: string; email?: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/sigstore-dev.ts')).sigstoreDevCommand(given, resolved.settings, at),
      ),
    );
  addSettings(dev, everyCommand);
  examples(dev, [['sigstore-dev --dir ./dev', 'prints addresses and commands to try; Ctrl-C ends it']]);

  addConformanceCommands(program, run);
}

/** The options of `trusted-root create`, as commander gives them. */
interface GivenServices {
  readonly out?: string;
  readonly fulcio: readonly string[];
  readonly rekor: readonly string[];
  readonly ctfe: readonly string[];
  readonly tsa: readonly string[];
  readonly withDefaultServices?: true;
  readonly defaultFulcio: boolean;
  readonly defaultRekor: boolean;
  readonly defaultCtfe: boolean;
  readonly defaultTsa: boolean;
}

function servicesOf(given: GivenServices): TrustedRootOptions {
  const { defaultFulcio, defaultRekor, defaultCtfe, defaultTsa, withDefaultServices = false, ...named } = given;
  const kept = {
    certificateAuthorities: defaultFulcio,
    tlogs: defaultRekor,
    ctlogs: defaultCtfe,
    timestampAuthorities: defaultTsa,
  } as const;
  const kinds = Object.keys(kept) as (keyof typeof kept)[];
  return { ...named, withDefaultServices, without: kinds.filter((kind) => !kept[kind]) };
}

/** The client protocol of sigstore-conformance; its arguments come in this order and no other. */
function addConformanceCommands(program: Command, run: Run): void {
  const load = () => import('../commands/conformance.ts');
  const conformance = program.command('conformance').description('Be a client of the sigstore-conformance suite.');
  const sign = conformance
    .command('sign-bundle')
    .argument('<file>')
    .requiredOption('--bundle <file>')
    .option('--staging')
    .option('--in-toto')
    .action((file: string, given: { bundle: string; inToto?: true; staging?: true }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).conformanceSignCommand(
          file,
          { bundle: given.bundle, inToto: given.inToto === true },
          onStaging(resolved, given.staging),
          at,
        ),
      ),
    );
  addSettings(sign, [...signing, 'trustedRoot', ...everyCommand, ...network, 'timeout']);
  const verify = conformance
    .command('verify-bundle')
    .argument('<file-or-digest>')
    .requiredOption('--bundle <file>')
    .option('--staging')
    .action((target: string, given: { bundle: string; staging?: true }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).conformanceVerifyCommand(target, given.bundle, onStaging(resolved, given.staging), at),
      ),
    );
  addSettings(verify, [...verifying, ...everyCommand, ...network, 'timeout']);
}

/** sigstore's staging instance in place of the public one; a trusted root that is named counts before either. */
function onStaging(resolved: ResolvedSettings, staging: true | undefined): ResolvedSettings {
  if (staging === undefined) return resolved;
  return { ...resolved, settings: { ...resolved.settings, tufMirror: stagingMirror } };
}

import { type Command, Option } from 'commander';
import { addSettings } from '../config/flags.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { VerifyOptions } from '../signing/verify-options.ts';
import { addCosignOptions, type LooseRegistries, withLooseRegistries } from './cosign-options.ts';
import { collect } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, registryOnly, verifying } from './setting-groups.ts';

/** The options of a command that verifies images, as commander gives them. */
interface Given extends LooseRegistries {
  readonly annotations: readonly string[];
  readonly annotation: readonly string[];
  readonly output: VerifyOptions['output'];
  readonly checkClaims?: boolean;
  readonly signatures: string;
  readonly format: 'any' | 'bundle' | 'legacy';
  readonly attachmentTagPrefix?: string;
  readonly localImage?: boolean;
}

/** The `--type` of those who name none: cosign's, so that its scripts mean here what they mean there. */
const defaultType = 'custom';

const imageSettings = [...verifying, 'signatureRepository', ...everyCommand, ...network, ...registryOnly] as const;

/** The command that says whether images are signed. */
export function addVerifyCommand(program: Command, run: Run): void {
  const load = () => import('../commands/verify.ts');
  const verify = addImageOptions(
    program
      .command('verify')
      .description(
        'Say whether images are signed, and by whom; ends with 10 where nothing is signed, 12 where nothing holds.',
      ),
  ).action((names: string[], options: Given, command: Command) =>
    run(command, async (resolved, at) =>
      (await load()).verifyCommand(names, optionsOf(options), loosened(resolved, options, names), at),
    ),
  );
  addSettings(verify, imageSettings);
  examples(verify, [
    ['verify --key cosign.pub registry.example.com/app:1', 'signed with that key'],
    [
      'verify --certificate-identity me@example.com --certificate-oidc-issuer https://accounts.google.com IMAGE',
      'signed without a key',
    ],
    ['verify --key a.pub --key b.pub --signatures 2 IMAGE', 'signed by both'],
    ['verify --key cosign.pub --offline --local-image ./saved', 'what "save" wrote, without a network'],
  ]);
}

/** The commands that verify. */
export function addVerifyingCommands(program: Command, run: Run): void {
  addVerifyCommand(program, run);
  addAttestationCommand(program, run);
  addBlobCommands(program, run);
}

function addAttestationCommand(program: Command, run: Run): void {
  const load = () => import('../commands/verify.ts');
  const attestation = addImageOptions(
    program
      .command('verify-attestation')
      .description(
        'Say what is attested of images, and by whom; ends with 10 where nothing is attested, 12 where nothing holds.',
      ),
  )
    .option(
      '--type <type>',
      'what must be attested: slsaprovenance1, spdxjson, cyclonedx, vuln, openvex, custom or a URI',
      defaultType,
    )
    .option('--policy <file>', 'a condition in CEL that must hold; may be repeated', collect, [])
    .action((names: string[], options: Given & { type: string; policy: string[] }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).verifyAttestationCommand(
          names,
          optionsOf(options),
          { type: options.type, policies: options.policy },
          loosened(resolved, options, names),
          at,
        ),
      ),
    );
  addSettings(attestation, imageSettings);
  examples(attestation, [['verify-attestation --key cosign.pub --type spdxjson IMAGE', 'prints the envelope']]);
}

function addBlobCommands(program: Command, run: Run): void {
  const load = () => import('../commands/verify-blob.ts');
  const settings = [...verifying, ...everyCommand, ...network, 'timeout'] as const;
  const options = (command: Command): Command =>
    command
      .argument('[file]', 'what was signed; - is standard input')
      .option('--bundle <file>', 'the bundle that came with it')
      .option('--signature <file>', 'a bare signature, or the file that holds it')
      .option('--certificate <file>', 'the certificate of a bare signature')
      .option('--digest <digest>', 'sha256:HEX in place of the file');

  const blob = options(
    program.command('verify-blob').description('Say whether a file is signed by whom it should.'),
  ).action(
    (
      file: string | undefined,
      given: { bundle?: string; signature?: string; certificate?: string; digest?: string },
      command,
    ) => run(command, async (resolved, at) => (await load()).verifyBlobCommand(file, given, resolved, at)),
  );
  addSettings(blob, settings);
  examples(blob, [['verify-blob --key cosign.pub --bundle app.sigstore.json app.tar', 'a file and its bundle']]);

  const attestation = options(
    program
      .command('verify-blob-attestation')
      .description('Say whether what is attested of a file is by whom it should.'),
  )
    .option('--type <type>', 'what must be attested: a name or a URI', defaultType)
    .option('--policy <file>', 'a condition in CEL that must hold; may be repeated', collect, [])
    .option('--no-check-claims', 'do not ask whether the statement is about the file')
    .addOption(new Option('--check-claims').default(true).hideHelp())
    .action(
      (
        file: string | undefined,
        given: { bundle?: string; digest?: string; type: string; policy: string[]; checkClaims?: boolean },
        command,
      ) =>
        run(command, async (resolved, at) => {
          const { policy, checkClaims, ...rest } = given;
          const wanted = { ...rest, policies: policy, checkClaims: checkClaims !== false };
          return (await load()).verifyBlobAttestationCommand(file, wanted, resolved, at);
        }),
    );
  addSettings(attestation, settings);
  examples(attestation, [
    ['verify-blob-attestation --key cosign.pub --bundle a.json --type slsaprovenance1 app.tar', 'its provenance'],
  ]);
}

function addImageOptions(command: Command): Command {
  return (
    addCosignOptions(command)
      .argument('<image...>', 'references, best by digest')
      .option('-a, --annotations <name=value>', 'must be signed too; may be repeated', collect, [])
      .addOption(new Option('--annotation <name=value>').argParser(collect).default([]).hideHelp())
      .addOption(
        new Option('-o, --output <form>', 'json as cosign prints it, text, or report with all that was checked')
          .choices(['json', 'text', 'report'])
          .default('json'),
      )
      .option('--no-check-claims', 'do not ask whether the signature is of this image')
      .addOption(new Option('--check-claims').default(true).hideHelp())
      .option('--signatures <number>', 'how many different keys or identities must have signed', '1')
      .addOption(
        new Option('--format <form>', 'which signatures count: any, bundle, or legacy (.sig tags)')
          .choices(['any', 'bundle', 'legacy'])
          .default('any'),
      )
      // cosign asks the log there. Here entries prove themselves.
      .addOption(new Option('--rekor-url <url>').hideHelp())
      .option('--attachment-tag-prefix <prefix>', 'stands before tags of the older form')
      .option('--local-image', 'images are folders that "save" wrote; with --offline no connection is made at all')
  );
}

/** Folders have no registry. */
function loosened(resolved: ResolvedSettings, given: Given, names: readonly string[]): ResolvedSettings {
  return given.localImage === true ? resolved : withLooseRegistries(resolved, given, names);
}

function optionsOf(given: Given): VerifyOptions {
  const signatures = Number(given.signatures);
  if (!/^[1-9]\d{0,3}$/.test(given.signatures)) {
    throw new ConfigError('SETTING_INVALID', '--signatures is a whole number from 1 on');
  }
  const { output, checkClaims, format, attachmentTagPrefix, localImage = false } = given;
  return {
    annotations: [...given.annotations, ...given.annotation],
    output,
    // Nothing but the user's word waives it.
    checkClaims: checkClaims !== false,
    signatures,
    localImage,
    layouts: format === 'any' ? ['bundle', 'legacy'] : [format],
    ...(attachmentTagPrefix === undefined ? {} : { tagPrefix: attachmentTagPrefix }),
  };
}

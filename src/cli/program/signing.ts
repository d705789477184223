import { type Command, Option } from 'commander';
import { addSettings } from '../config/flags.ts';
import type { SignatureFormat } from '../signing/attach.ts';
import { addCosignOptions, type LooseRegistries, withLooseRegistries } from './cosign-options.ts';
import { collect } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, reading, registryOnly, signing } from './setting-groups.ts';

interface SignGiven extends LooseRegistries, FormatGiven {
  readonly annotations: readonly string[];
  readonly recursive?: true;
  readonly yes?: true;
  readonly upload: boolean;
  readonly attachmentTagPrefix?: string;
  readonly bundle?: string;
  readonly outputSignature?: string;
  readonly outputPayload?: string;
  readonly signContainerIdentity?: string;
}

interface FormatGiven {
  readonly format?: SignatureFormat;
  readonly newBundleFormat?: boolean;
}

interface PredicateGiven {
  readonly predicate?: string;
  readonly type?: string;
  readonly statement?: string;
  readonly scan?: true;
  readonly sbom?: string;
  readonly yes?: true;
}

/** The commands that sign. */
export function addSigningCommands(program: Command, run: Run): void {
  const onImages = ['signatureRepository', ...everyCommand, ...network, ...registryOnly] as const;
  const sign = addCosignOptions(program.command('sign'))
    .argument('<image...>', 'references, best by digest')
    .description('Sign images.')
    .option('-a, --annotations <name=value>', 'sign this as well; may be repeated', collect, [])
    .option('-r, --recursive', 'sign every image of an index too')
    .addOption(formatOption())
    .option('-y, --yes', 'agree that who signs without a key is published')
    .option('--no-upload', 'do not attach the signature to the image')
    .addOption(new Option('--upload').default(true).hideHelp())
    .option('--attachment-tag-prefix <prefix>', 'stands before tags of the older form')
    .option('--bundle <file>', 'write the bundle there too')
    .option('--output-signature <file>', 'write the bare signature there')
    .option('--output-payload <file>', 'write what was signed there')
    .option('--sign-container-identity <name>', 'what the older form calls the image')
    .action((names: string[], given: SignGiven, command: Command) =>
      run(command, async (resolved, at) => {
        const { attachmentTagPrefix: tagPrefix, signContainerIdentity: containerIdentity, ...rest } = given;
        const options = {
          ...rest,
          format: formatOf(given),
          recursive: given.recursive === true,
          yes: given.yes === true,
          upload: given.upload,
          ...(tagPrefix === undefined ? {} : { tagPrefix }),
          ...(containerIdentity === undefined ? {} : { containerIdentity }),
        };
        return (await import('../commands/sign.ts')).signCommand(
          names,
          options,
          withLooseRegistries(resolved, given, names),
          at,
        );
      }),
    );
  addSettings(sign, [...signing, ...onImages]);
  examples(sign, [
    ['sign --key cosign.key registry.example.com/app@sha256:…', 'with a key'],
    ['sign --yes registry.example.com/app@sha256:…', 'with your identity, without a key'],
    ['sign --key cosign.key -r -a env=prod INDEX', 'an index and all its images, with an annotation'],
  ]);

  const attest = predicateOptions(
    addCosignOptions(program.command('attest'))
      .argument('<image...>', 'references, best by digest')
      .description('Attest something of images.'),
  )
    .addOption(formatOption())
    .option('-y, --yes', 'agree that who signs without a key is published')
    .option('--no-upload', 'do not attach the attestation to the image')
    .addOption(new Option('--upload').default(true).hideHelp())
    .option('--replace', 'take away attestations of the same type in the older form')
    .option('--attachment-tag-prefix <prefix>', 'stands before tags of the older form')
    .option('--bundle <file>', 'write the bundle there too')
    .action(
      (
        names: string[],
        given: PredicateGiven &
          LooseRegistries &
          FormatGiven & {
            upload: boolean;
            replace?: true;
            attachmentTagPrefix?: string;
            bundle?: string;
          },
        command: Command,
      ) =>
        run(command, async (resolved, at) => {
          const { attachmentTagPrefix: tagPrefix, ...rest } = given;
          const options = {
            ...rest,
            format: formatOf(given),
            scan: given.scan === true,
            yes: given.yes === true,
            upload: given.upload,
            replace: given.replace === true,
            ...(tagPrefix === undefined ? {} : { tagPrefix }),
          };
          return (await import('../commands/attest.ts')).attestCommand(
            names,
            options,
            withLooseRegistries(resolved, given, names),
            at,
          );
        }),
    );
  addSettings(attest, [...signing, 'platform', 'dbMaxAge', ...reading.filter((key) => key !== 'timeout'), ...onImages]);
  examples(attest, [
    ['attest --key cosign.key --type slsaprovenance1 --predicate provenance.json IMAGE', 'what a build says'],
    ['attest --key cosign.key --sbom spdx-json IMAGE', 'our own bill of materials'],
    ['attest --key cosign.key --scan IMAGE', 'the findings of our own scan'],
  ]);
  addBlobCommands(program, run);
}

function addBlobCommands(program: Command, run: Run): void {
  const load = () => import('../commands/blob.ts');
  const settings = [...signing, ...everyCommand, ...network, 'timeout'] as const;
  const outputs = (command: Command): Command =>
    command
      .argument('<file>', 'what to sign; - is standard input')
      .option('--bundle <file>', 'where the bundle goes')
      .option('--output-signature <file>', 'where the bare signature goes')
      .option('--output-certificate <file>', 'where the certificate goes')
      .option('-y, --yes', 'agree that who signs without a key is published');
  interface Outputs {
    readonly bundle?: string;
    readonly outputSignature?: string;
    readonly outputCertificate?: string;
    readonly yes?: true;
  }

  const sign = outputs(program.command('sign-blob').description('Sign a file.')).action(
    (file: string, given: Outputs, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).signBlobCommand(file, { ...given, yes: given.yes === true }, resolved, at),
      ),
  );
  addSettings(sign, settings);
  examples(sign, [['sign-blob --key cosign.key --bundle app.sigstore.json app.tar', 'a file and its bundle']]);

  const attest = outputs(
    predicateOptions(program.command('attest-blob').description('Attest something of a file.')),
  ).action((file: string, given: Outputs & PredicateGiven, command: Command) =>
    run(command, async (resolved, at) =>
      (await load()).attestBlobCommand(
        file,
        { ...given, yes: given.yes === true, scan: given.scan === true },
        resolved,
        at,
      ),
    ),
  );
  addSettings(attest, settings);
  examples(attest, [['attest-blob --key cosign.key --predicate p.json --type custom --bundle a.json app.tar', '']]);
}

function predicateOptions(command: Command): Command {
  return command
    .option('--predicate <file>', 'what to attest; - is standard input')
    .option('--type <type>', 'what it is: slsaprovenance1, spdxjson, cyclonedx, vuln, openvex, link, custom or a URI')
    .option('--statement <file>', 'a whole statement')
    .option('--scan', 'attest the findings of our own scan')
    .option('--sbom <format>', 'attest our own bill of materials: cyclonedx-json or spdx-json');
}

/** The form that the user named, or that cosign's switch means: without its newer bundles, the older form. */
function formatOf({ format, newBundleFormat }: FormatGiven): SignatureFormat {
  return format ?? (newBundleFormat === false ? 'legacy' : 'bundle');
}

function formatOption(): Option {
  return new Option(
    '--format <form>',
    'bundle (the default), legacy (.sig and .att tags, for older verifiers), or both',
  ).choices(['bundle', 'legacy', 'both']);
}

import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { type AttachedGiven, anImage, attachedSettings, prefixIn, tagPrefix } from './attached-options.ts';
import { collect } from './collect.ts';
import { addRegistrySwitches, withLooseRegistries } from './cosign-options.ts';
import { examples, type Run } from './registrar.ts';

interface GivenSignature extends AttachedGiven {
  readonly signature?: string;
  readonly payload?: string;
  readonly certificate?: string;
  readonly certificateChain?: string;
  readonly rekorResponse?: string;
  readonly tsr?: string;
  readonly bundle?: string;
}

/** The commands that attach to images what was made elsewhere. */
export function addAttachingCommands(program: Command, run: Run): void {
  const attach = program.command('attach').description('Attach to an image what was made elsewhere.');
  examples(attach, [
    ['attach attestation --attestation build.sigstore.json IMAGE', 'a bundle of a build system'],
    ['attach sbom --sbom app.cdx.json registry.example.com/app:1', 'an SBOM, unsigned'],
  ]);

  const sbom = attach
    .command('sbom')
    .argument('<image>', anImage)
    .description('Attach a bill of materials, unsigned, at the .sbom tag.')
    .requiredOption('--sbom <file>', 'what to attach; - is standard input')
    .option('--type <type>', 'spdx, cyclonedx or syft; told by the content otherwise')
    .option('--input-format <form>', 'json, xml or text; told by the content otherwise')
    .action(
      (name: string, given: AttachedGiven & { sbom: string; type?: string; inputFormat?: string }, command: Command) =>
        run(command, async (resolved, at) =>
          (await import('../commands/attach-sbom.ts')).attachSbomCommand(
            name,
            withPrefix(given),
            withLooseRegistries(resolved, given, [name]),
            at,
          ),
        ),
    );
  examples(sbom, [
    ['attach sbom --sbom app.spdx.json registry.example.com/app:1', 'a file'],
    ['attach sbom --sbom - --type cyclonedx registry.example.com/app:1', 'standard input'],
  ]);

  const signature = attach
    .command('signature')
    .argument('<image>', anImage)
    .description('Attach a signature: a bundle, or in the older form.')
    .option('--bundle <file>', 'a bundle, which has all of the others in it')
    .option('--signature <file>', 'in base64')
    .option('--payload <file>', 'what was signed')
    .option('--certificate <file>', "the signer's, in PEM")
    .option('--certificate-chain <file>', 'who vouches for that, in PEM')
    .option('--rekor-response <file>', "the log's promise: as cosign writes it, or as Rekor answered")
    .option('--tsr <file>', 'a timestamp of RFC 3161')
    .action((name: string, given: GivenSignature, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/attach-signature.ts')).attachSignatureCommand(
          name,
          withPrefix(given),
          withLooseRegistries(resolved, given, [name]),
          at,
        ),
      ),
    );
  examples(signature, [
    ['attach signature --bundle app.sigstore.json IMAGE', 'what "sign --bundle" wrote'],
    ['attach signature --payload app.json --signature app.sig IMAGE', 'for older verifiers'],
  ]);

  const attestation = attach
    .command('attestation')
    .argument('<image>', anImage)
    .description('Attach bundles, or envelopes in the older form.')
    .option('--attestation <file>', 'one document, or one a line; - is standard input; may be repeated', collect, [])
    .action((name: string, given: AttachedGiven & { attestation: string[] }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/attach-attestation.ts')).attachAttestationCommand(
          name,
          withPrefix(given),
          withLooseRegistries(resolved, given, [name]),
          at,
        ),
      ),
    );
  examples(attestation, [
    ['attach attestation --attestation build.sigstore.json IMAGE', 'a bundle, as a referrer'],
    ['attach attestation --attestation envelopes.jsonl IMAGE', 'envelopes, at the .att tag'],
  ]);

  for (const command of [sbom, signature, attestation]) {
    addRegistrySwitches(command).option(...tagPrefix);
    addSettings(command, attachedSettings);
  }
}

/** With the prefix as commands call it. */
function withPrefix<Given extends AttachedGiven>(given: Given) {
  return { ...given, ...prefixIn(given) };
}

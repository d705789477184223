import { basename } from 'node:path';
import type { Signing } from './options.ts';
import type { RunProgram } from './program.ts';

/** Lists of packages that are attested of each file. */
export interface Sboms {
  readonly cyclonedx: string;
  readonly spdx: string;
}

/**
 * Signs a file, attests both lists of packages of it, and verifies all of that as users will.
 *
 * @returns the bundles that were written beside it
 */
export function signFile(file: string, sboms: Sboms | undefined, signing: Signing, run: RunProgram): readonly string[] {
  const [sign, verify] = flagsOf(signing);
  const bundle = `${file}.sigstore.json`;
  run('sign', ['sign-blob', ...sign, '--bundle', bundle, file]);
  run('verify', ['verify-blob', ...verify, '--bundle', bundle, file]);
  const predicates =
    sboms === undefined
      ? []
      : ([
          ['cyclonedx', sboms.cyclonedx],
          ['spdxjson', sboms.spdx],
        ] as const);
  const attested = predicates.map(([type, predicate]) => {
    const statement = `${file}.${type}.sigstore.json`;
    run('attest', ['attest-blob', ...sign, '--type', type, '--predicate', predicate, '--bundle', statement, file]);
    run('verify', ['verify-blob-attestation', ...verify, '--type', type, '--bundle', statement, file]);
    return statement;
  });
  return [bundle, ...attested];
}

function flagsOf(signing: Signing): readonly [sign: readonly string[], verify: readonly string[]] {
  if (signing.kind === 'identity') {
    const who = ['--certificate-identity', signing.identity, '--certificate-oidc-issuer', signing.issuer];
    return [['--yes'], who];
  }
  const { key, publicKey, isLogged } = signing;
  return [
    ['--key', key, ...(isLogged ? ['--yes'] : ['--tlog-upload=false'])],
    ['--key', publicKey, ...(isLogged ? [] : ['--insecure-ignore-tlog'])],
  ];
}

/** What users are told: how to verify a file. */
export function howToVerify(file: string, signing: Signing): string {
  const [, verify] = flagsOf(signing);
  return ['seaworthy verify-blob', ...verify, '--bundle', `${basename(file)}.sigstore.json`, basename(file)].join(' ');
}

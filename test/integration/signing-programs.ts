import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatPem } from '../../src/codec/pem/pem.ts';
import type { Sigstore } from '../../src/sigstore-dev/sigstore.ts';
import { type Cosign, needsCosign, openCosign } from '../../testing/cosign.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { startTestSigstore } from '../../testing/sigstore.ts';
import { findSkopeo, needsSkopeo, type Skopeo } from '../../testing/skopeo.ts';
import { run as runSeaworthy } from '../end-to-end/program.ts';

/** What is signed, and what vouches for it. */
export interface Case {
  readonly signer: 'key' | 'keyless';
  /** Whose files begin so; P-256 where nothing is said. */
  readonly key?: string;
  readonly log: 0 | 1 | 2;
  readonly stamp?: true;
  readonly annotation?: true;
  readonly attestation?: true;
  readonly recursive?: true;
}

/** How a signature is attached. */
export type Layout = 'bundle' | 'legacy';

/** A program in one of the ways in which it signs; undefined for cases that it has no way for. */
export interface Maker {
  readonly layout: Layout;
  readonly skip: string | false;
  readonly can: (what: Case) => boolean;
  readonly sign: (desk: Desk, image: string, what: Case) => Promise<unknown>;
}

/** A program that verifies. Rejects when it does not take what it finds. */
export interface Reader {
  readonly layouts: readonly Layout[];
  readonly skip: string | false;
  readonly can: (what: Case) => boolean;
  readonly verify: (desk: Desk, image: string, what: Case, who: Who) => Promise<unknown>;
}

/** Whom a reader is told to expect. */
export type Who = 'signer' | 'another';

/** A folder with keys, configs and homes, beside a sigstore and a registry. */
export interface Desk {
  readonly folder: TemporaryDirectory;
  readonly sigstore: Sigstore;
  readonly cosign2: Cosign | undefined;
  readonly cosign3: Cosign | undefined;
  readonly skopeo: Skopeo | undefined;
}

const skips = { cosign2: needsCosign(2).skip, cosign3: needsCosign(3).skip, skopeo: needsSkopeo().skip };

const env = { COSIGN_PASSWORD: 'a pass' };

async function seaworthy({ folder }: Desk, ...args: readonly string[]): Promise<string> {
  const surroundings = { cwd: folder.path, env: { ...env, SEAWORTHY_CACHE_DIR: join(folder.path, 'seaworthy') } };
  const { status, stdout, stderr } = await runSeaworthy(args, surroundings);
  if (status !== 0) throw new Error(`seaworthy ${args[0]} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

const predicate = ['--predicate', 'predicate.json', '--type', 'custom'];

function configOf({ log, stamp }: Case): string {
  return `config-${log}${stamp === true ? '-tsa' : ''}.json`;
}

/** Flags that cosign and seaworthy share for those who name the services one by one. */
function servicesOf({ sigstore: { url, issuers, tsaUrl } }: Desk, { signer, log, stamp }: Case): readonly string[] {
  return [
    ...(log === 0 ? ['--tlog-upload=false'] : ['--rekor-url', url]),
    ...(stamp === true ? ['--timestamp-server-url', tsaUrl] : []),
    ...(signer === 'keyless' ? ['--fulcio-url', url, '--oidc-issuer', issuers.email] : []),
  ];
}

function signerOf({ sigstore }: Desk, { signer, key = 'cosign' }: Case): readonly string[] {
  return signer === 'key' ? ['--key', `${key}.key`] : ['--identity-token', sigstore.token()];
}

function verbOf({ attestation, annotation, recursive }: Case): readonly string[] {
  if (attestation === true) return ['attest', ...predicate];
  return ['sign', ...(annotation === true ? ['-a', 'env=prod'] : []), ...(recursive === true ? ['--recursive'] : [])];
}

function seaworthyMaker(layout: Layout): Maker {
  return {
    layout,
    skip: false,
    can: ({ log }) => layout === 'bundle' || log !== 2,
    sign: (desk, image, what) => {
      const services = layout === 'bundle' ? ['--signing-config', configOf(what)] : servicesOf(desk, what);
      return seaworthy(desk, ...verbOf(what), '--yes', ...signerOf(desk, what), ...services, '--format', layout, image);
    },
  };
}

/** Programs that sign. */
export const makers: Readonly<Record<string, Maker>> = {
  seaworthy: seaworthyMaker('bundle'),
  'seaworthy in the older form': seaworthyMaker('legacy'),
  'cosign 2': {
    layout: 'legacy',
    skip: skips.cosign2,
    can: ({ log }) => log !== 2,
    sign: (desk, image, what) =>
      (desk.cosign2 as Cosign).runWith(
        { env },
        ...verbOf(what),
        '-y',
        ...signerOf(desk, what),
        ...servicesOf(desk, what),
        image,
      ),
  },
  'cosign 3': {
    layout: 'bundle',
    skip: skips.cosign3,
    can: () => true,
    sign: (desk, image, what) =>
      (desk.cosign3 as Cosign).runWith(
        { env },
        ...verbOf(what),
        '-y',
        ...signerOf(desk, what),
        '--signing-config',
        configOf(what),
        image,
      ),
  },
  'cosign 3 in the older form': {
    layout: 'legacy',
    skip: skips.cosign3,
    // It stamps attestations otherwise than it verifies them, so nobody takes those, itself included.
    can: ({ log, stamp, attestation }) => log !== 2 && !(stamp === true && attestation === true),
    sign: (desk, image, what) => {
      const older = ['--new-bundle-format=false', '--use-signing-config=false'];
      return (desk.cosign3 as Cosign).runWith(
        { env },
        ...verbOf(what),
        '-y',
        ...older,
        ...signerOf(desk, what),
        ...servicesOf(desk, what),
        image,
      );
    },
  },
  'seaworthy in both forms': {
    layout: 'legacy',
    skip: false,
    can: ({ log }) => log !== 2,
    sign: (desk, image, what) => {
      const services = ['--signing-config', configOf(what), '--format', 'both'];
      return seaworthy(desk, ...verbOf(what), '--yes', ...signerOf(desk, what), ...services, image);
    },
  },
  skopeo: {
    layout: 'legacy',
    skip: skips.skopeo,
    can: ({ signer, key, log, stamp, annotation, attestation }) =>
      signer === 'key' &&
      key === undefined &&
      log === 0 &&
      stamp !== true &&
      annotation !== true &&
      attestation !== true,
    sign: async ({ folder, skopeo }, image, { recursive }) => {
      const key = ['--sign-by-sigstore-private-key', 'cosign.key', '--sign-passphrase-file', 'password'];
      const tls = ['--src-tls-verify=false', '--dest-tls-verify=false'];
      const general = ['--registries.d', 'registries.d', '--insecure-policy', '--override-os', 'linux'];
      const all = recursive === true ? ['--all'] : [];
      // It signs what it copies, and only under a tag.
      const tagged = `docker://${image.replace(/@.*/, ':v1')}`;
      await (skopeo as Skopeo).run(folder.path, ...general, 'copy', ...all, ...key, ...tls, tagged, tagged);
    },
  },
};

function expecting({ sigstore }: Desk, { signer, key = 'cosign', log }: Case, who: Who): readonly string[] {
  const tlog = log === 0 ? ['--insecure-ignore-tlog'] : [];
  if (signer === 'key') return ['--key', who === 'signer' ? `${key}.pub` : 'other.pub', ...tlog];
  const name = who === 'signer' ? 'dev@example.com' : 'another@example.com';
  return ['--certificate-identity', name, '--certificate-oidc-issuer', sigstore.issuers.email, ...tlog];
}

function verifyingVerb({ attestation, annotation }: Case): readonly string[] {
  if (attestation === true) return ['verify-attestation', '--type', 'custom'];
  return ['verify', ...(annotation === true ? ['-a', 'env=prod'] : [])];
}

/** Programs that verify. */
export const readers: Readonly<Record<string, Reader>> = {
  seaworthy: {
    layouts: ['bundle', 'legacy'],
    skip: false,
    can: () => true,
    verify: (desk, image, what, who) => seaworthy(desk, ...verifyingVerb(what), ...expecting(desk, what, who), image),
  },
  'cosign 2': {
    layouts: ['legacy'],
    skip: skips.cosign2,
    can: () => true,
    verify: (desk, image, what, who) => {
      const stamps = what.stamp === true ? ['--timestamp-certificate-chain', 'tsa.pem', '--use-signed-timestamps'] : [];
      const rekor = ['--rekor-url', desk.sigstore.url];
      return (desk.cosign2 as Cosign).run(
        ...verifyingVerb(what),
        ...rekor,
        ...stamps,
        ...expecting(desk, what, who),
        image,
      );
    },
  },
  'cosign 3': {
    layouts: ['bundle', 'legacy'],
    skip: skips.cosign3,
    can: () => true,
    verify: (desk, image, what, who) => {
      const stamps = what.stamp === true ? ['--use-signed-timestamps'] : [];
      return (desk.cosign3 as Cosign).run(...verifyingVerb(what), ...stamps, ...expecting(desk, what, who), image);
    },
  },
  skopeo: {
    layouts: ['legacy'],
    skip: skips.skopeo,
    // It has no word for attestations and annotations, nor for people without an address in their certificate.
    can: ({ key, attestation, annotation }) => key === undefined && attestation !== true && annotation !== true,
    verify: async ({ folder, skopeo, sigstore }, image, { signer, log }, who) => {
      const signed =
        signer === 'key'
          ? { keyPath: join(folder.path, who === 'signer' ? 'cosign.pub' : 'other.pub') }
          : {
              fulcio: {
                caPath: join(folder.path, 'fulcio.pem'),
                oidcIssuer: sigstore.issuers.email,
                subjectEmail: who === 'signer' ? 'dev@example.com' : 'another@example.com',
              },
            };
      const requirement = {
        type: 'sigstoreSigned',
        ...signed,
        ...(log === 0 ? {} : { rekorPublicKeyPath: join(folder.path, 'rekor.pem') }),
        signedIdentity: { type: 'matchRepository' },
      };
      folder.write('policy.json', JSON.stringify({ default: [requirement] }));
      const general = ['--registries.d', 'registries.d', '--policy', 'policy.json', '--override-os', 'linux'];
      const to = `dir:${join(folder.path, `copied-${who}`)}`;
      await (skopeo as Skopeo).run(folder.path, ...general, 'copy', '--src-tls-verify=false', `docker://${image}`, to);
    },
  },
};

function pemOfRoot(sigstore: Sigstore): { readonly fulcio: string; readonly rekor: string } {
  const root = sigstore.trustedRoot as unknown as {
    certificateAuthorities: { certChain: { certificates: { rawBytes: string }[] } }[];
    tlogs: { publicKey: { rawBytes: string } }[];
  };
  const certificates = root.certificateAuthorities.flatMap(({ certChain }) => certChain.certificates);
  const fulcio = certificates.map(({ rawBytes }) =>
    formatPem({ label: 'CERTIFICATE', bytes: Buffer.from(rawBytes, 'base64') }),
  );
  const [log] = root.tlogs;
  const bytes = Buffer.from(log?.publicKey.rawBytes ?? '', 'base64');
  return { fulcio: fulcio.join(''), rekor: formatPem({ label: 'PUBLIC KEY', bytes }) };
}

/** The two majors keep what they trust in other forms in the same folder. */
function withTufRoot(cosign: Cosign, folder: string): Cosign {
  const runWith: Cosign['runWith'] = (options, ...args) =>
    cosign.runWith({ ...options, env: { ...options.env, TUF_ROOT: folder } }, ...args);
  return { run: (...args) => runWith({}, ...args), runWith };
}

/** Two key pairs by seaworthy, and whom to trust, for every program. */
export async function openDesk(): Promise<Desk & AsyncDisposable> {
  const folder = temporaryDirectory();
  const sigstore = await startTestSigstore();
  const home = folder.path;
  const desk = {
    folder,
    sigstore,
    cosign2: skips.cosign2 === false ? withTufRoot(openCosign(2, home), join(home, 'tuf2')) : undefined,
    cosign3: skips.cosign3 === false ? openCosign(3, home) : undefined,
    skopeo: findSkopeo(),
  };
  folder.write('root.json', sigstore.tufRoot);
  folder.write('password', env.COSIGN_PASSWORD);
  folder.write('predicate.json', '{"built":"here"}');
  for (const log of [0, 1, 2] as const) {
    for (const timestamps of [false, true]) {
      const config = sigstore.signingConfig({ rekor: log === 0 ? [] : [log], timestamps });
      folder.write(`config-${log}${timestamps ? '-tsa' : ''}.json`, JSON.stringify(config));
    }
  }
  const { fulcio, rekor } = pemOfRoot(sigstore);
  folder.write('fulcio.pem', fulcio);
  folder.write('rekor.pem', rekor);
  folder.write('tsa.pem', await (await fetch(`${sigstore.tsaUrl}/certchain`)).text());
  mkdirSync(join(home, 'registries.d'));
  folder.write('registries.d/all.yaml', 'default-docker:\n  use-sigstore-attachments: true\n');
  await seaworthy(desk, 'generate-key-pair');
  await seaworthy(desk, 'generate-key-pair', '--output-key-prefix', 'other');
  for (const type of ['ed25519', 'p384', 'rsa']) {
    await seaworthy(desk, 'generate-key-pair', '--type', type, '--output-key-prefix', type);
  }
  const trust = ['initialize', '--mirror', sigstore.tufUrl, '--root', 'root.json'];
  await seaworthy(desk, ...trust);
  await desk.cosign2?.run(...trust);
  await desk.cosign3?.run(...trust);
  return {
    ...desk,
    async [Symbol.asyncDispose]() {
      folder[Symbol.dispose]();
      await sigstore[Symbol.asyncDispose]();
    },
  };
}

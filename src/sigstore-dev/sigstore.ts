import { formatPem } from '../codec/pem/pem.ts';
import { CertificateLog } from './ct/log.ts';
import { type Fault, FaultPlan } from './fault.ts';
import { CodeAuthority } from './fulcio/authority.ts';
import { fulcioService } from './fulcio/routes.ts';
import { type Exchange, openServer } from './http/server.ts';
import type { JsonObject } from './json/fields.ts';
import type { DevKey } from './key/dev-key.ts';
import { freshKeyRing, type KeyRing } from './key/key-ring.ts';
import { Issuer } from './oidc/issuer.ts';
import { type IssuerKind, issuerKinds, issuerTable } from './oidc/issuer-kind.ts';
import type { Claims } from './oidc/jwt.ts';
import { type DevUser, oidcService } from './oidc/routes.ts';
import { LogV1 } from './rekor/log-v1.ts';
import { LogV2 } from './rekor/log-v2.ts';
import { rekorV1Service } from './rekor/routes-v1.ts';
import { rekorV2Service } from './rekor/routes-v2.ts';
import { type SigningConfigOptions, signingConfigOf } from './trust/signing-config.ts';
import { trustedRootOf } from './trust/trusted-root.ts';
import { TimeAuthority } from './tsa/authority.ts';
import { tsaService } from './tsa/routes.ts';
import { TufRepository, type TufTarget } from './tuf/repository.ts';
import { tufService } from './tuf/routes.ts';

/** How a development sigstore is set up. Everything may be left out. */
export interface SigstoreOptions {
  /** 0, the default: any port that is free. */
  readonly port?: number;
  readonly now?: () => Date;
  /** Where keys come from; those of the default end with the process. */
  readonly keys?: KeyRing;
  readonly faults?: readonly Fault[];
  /** Told of every request that was answered. */
  readonly onExchange?: (exchange: Exchange) => void;
  /** Who comes out of a login in the browser or on a device. */
  readonly user?: DevUser;
  /** Whether a device is let in without anybody opening its page; true by default. */
  readonly approveDevices?: boolean;
  /** Names that issuers have in their tokens in place of their address, such as that of GitHub. */
  readonly issuerNames?: Readonly<Partial<Record<IssuerKind, string>>>;
  /** Where Fulcio puts the promise of the certificate log: in the certificate (the default), or beside it. */
  readonly sct?: 'embedded' | 'detached';
  /** Index of the first entry of Rekor v1 over all shards; 0 by default. */
  readonly firstIndex?: number;
  /** Whether Rekor v2 takes DSSE envelopes, as it did at first; false by default. */
  readonly envelopesV2?: boolean;
  /** Fractions of a second in timestamps: by the clock (the default), none, or always these milliseconds. */
  readonly fractions?: boolean | number;
  /** What the signing config of the TUF repository names; Rekor v1 without timestamps by default. */
  readonly signingConfig?: SigningConfigOptions;
}

/** A whole sigstore that runs in this process, on loopback. */
export interface Sigstore extends AsyncDisposable {
  /** Of Fulcio, Rekor and all: `http://127.0.0.1:port`. */
  readonly url: string;
  /** Of the timestamp authority. */
  readonly tsaUrl: string;
  /** Of the TUF repository. */
  readonly tufUrl: string;
  /** What issuers call themselves in tokens and certificates. */
  readonly issuers: Readonly<Record<IssuerKind, string>>;
  /** What goes wrong; tests add to it while the services run. */
  readonly faults: FaultPlan;
  /** The first root of the TUF repository: what a client is given by hand. */
  readonly tufRoot: Buffer;
  readonly trustedRoot: JsonObject;
  readonly signingConfig: (options: SigningConfigOptions) => JsonObject;
  /** A token of an issuer, as `/token` gives it. */
  readonly token: (kind?: IssuerKind, claims?: Claims) => string;
  /** Replaces or adds files of the TUF repository. */
  readonly publish: (targets: readonly TufTarget[]) => void;
}

const loopback = '127.0.0.1';

/** Starts it. @throws SigstoreDevError */
export async function startSigstore(options: SigstoreOptions = {}): Promise<Sigstore> {
  const { keys: ring = freshKeyRing(), now = () => new Date(), onExchange } = options;
  const faults = new FaultPlan(options.faults);
  const server = await openServer({ port: options.port ?? 0, faults, onExchange });
  await using opened = new AsyncDisposableStack();
  opened.defer(server.close);
  const url = `http://${loopback}:${server.port}`;
  const since = new Date(now().getTime() - 3_600_000);

  const issuers = new Map(
    issuerKinds.map((kind) => {
      const address = `${url}${issuerTable[kind].path}`;
      const name = options.issuerNames?.[kind] ?? address;
      const makeKey = (): DevKey => ring.key(`oidc-${kind}`, 'rsa');
      return [kind, new Issuer({ kind, url: address, name, makeKey, faults, now })];
    }),
  );
  const ctLog = new CertificateLog(ring.key('ct', 'ecdsa-p256'), faults, now);
  const authority = new CodeAuthority({ ring, log: ctLog, faults, now });
  const key = ring.key('rekor-v1', 'ecdsa-p256');
  const logV1 = new LogV1({ key, host: loopback, firstIndex: options.firstIndex ?? 0, faults, now });
  const logV2 = new LogV2(ring.key('rekor-v2', 'ed25519'), loopback, faults);
  const tsa = new TimeAuthority({ ring, faults, now, fractions: options.fractions ?? true });
  const trusted = { codeChain: authority.chain, timeChain: tsa.chain, ctLog, logV1, logV2 };
  const trustedRoot = trustedRootOf({ url, since, ...trusted });
  const signingConfig = (config: SigningConfigOptions): JsonObject => signingConfigOf(url, since, config);

  const repository = new TufRepository(ring, faults, now);
  const usual = options.signingConfig ?? { rekor: [1], timestamps: false };
  repository.publish([
    jsonTarget('trusted_root.json', trustedRoot),
    jsonTarget('signing_config.v0.2.json', signingConfig(usual)),
    jsonTarget('signing_config_rekor_v2.v0.2.json', signingConfig({ rekor: [2], timestamps: true })),
    ...olderTargets(trusted),
  ]);

  const user = options.user ?? { subject: 'CgNkZXYSBmRldm1haWw', email: 'dev@example.com' };
  server.serve([
    oidcService(issuers, { user, approveDevices: options.approveDevices ?? true }),
    fulcioService({ authority, issuers: [...issuers.values()], faults, now, sct: options.sct ?? 'embedded' }),
    rekorV1Service(logV1, faults),
    rekorV2Service(logV2, options.envelopesV2 ?? false, faults),
    tsaService(tsa, faults),
    tufService(repository),
  ]);
  // All keys could be read: now it is the caller's to close.
  const running = opened.move();
  const names = [...issuers].map(([kind, { name }]) => [kind, name]);
  return {
    url,
    tsaUrl: `${url}/api/v1/timestamp`,
    tufUrl: `${url}/tuf`,
    issuers: Object.fromEntries(names) as Record<IssuerKind, string>,
    faults,
    tufRoot: repository.root,
    trustedRoot,
    signingConfig,
    token: (kind = 'email', claims = {}) => (issuers.get(kind) as Issuer).token(claims),
    publish: (targets) => repository.publish(targets),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function jsonTarget(name: string, value: JsonObject): TufTarget {
  return { name, bytes: Buffer.from(`${JSON.stringify(value, null, 2)}\n`) };
}

/** What cosign before 2.4 looks for, one file for each certificate and key. */
function olderTargets(trusted: {
  readonly codeChain: readonly Buffer[];
  readonly timeChain: readonly Buffer[];
  readonly ctLog: CertificateLog;
  readonly logV1: LogV1;
}): readonly TufTarget[] {
  const { codeChain, timeChain, ctLog, logV1 } = trusted;
  const pem = (label: string, ...parts: readonly Buffer[]): Buffer =>
    Buffer.from(parts.map((bytes) => formatPem({ label, bytes })).join(''));
  const [root = Buffer.alloc(0), ...above] = codeChain.toReversed();
  return [
    { name: 'fulcio_v1.crt.pem', bytes: pem('CERTIFICATE', root), usage: 'Fulcio' },
    { name: 'fulcio_intermediate_v1.crt.pem', bytes: pem('CERTIFICATE', ...above), usage: 'Fulcio' },
    { name: 'rekor.pub', bytes: pem('PUBLIC KEY', logV1.key.spki), usage: 'Rekor' },
    { name: 'ctfe.pub', bytes: pem('PUBLIC KEY', ctLog.key.spki), usage: 'CTFE' },
    { name: 'tsa.certchain.pem', bytes: pem('CERTIFICATE', ...timeChain), usage: 'TSA' },
  ];
}

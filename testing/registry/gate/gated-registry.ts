import { openNetwork } from '../../../src/net/open-network.ts';
import { pushBlob, pushManifest, blobOf } from '../../../src/oci/client/push.ts';
import { RegistryClient } from '../../../src/oci/client/registry-client.ts';
import type { RemoteRepository } from '../../../src/oci/client/remote-repository.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { digestHex } from '../../../src/oci/digest.ts';
import { compilePolicy } from '../../../src/policy/compile.ts';
import type { Policy, Rule } from '../../../src/policy/model.ts';
import type { Clock } from '../../../src/net/clock.ts';
import type { Content } from '../../../src/registry/content/content.ts';
import type { GateEvent, GateRules, ImageScans } from '../../../src/registry/gate/model.ts';
import { refuseByName } from '../../../src/registry/gate/enter-by-name.ts';
import { openPolicyGate } from '../../../src/registry/gate/open-gate.ts';
import type { GateParts } from '../../../src/registry/gate/parts.ts';
import type { RegistryOptions } from '../../../src/registry/open-registry.ts';
import type { Origin } from '../../../src/registry/pipeline/origin.ts';
import { encodeBundle } from '../../../src/signing/bundle/encode.ts';
import { bundleMediaType } from '../../../src/signing/bundle/media-type.ts';
import { entityAnnotations } from '../../../src/signing/cosign/entity-annotations.ts';
import { attachLegacy } from '../../../src/signing/cosign/write-legacy.ts';
import { buildSimpleSigning } from '../../../src/signing/image/simple-signing.ts';
import { attachBundle } from '../../../src/signing/cosign/write-bundle.ts';
import type { SigningServices } from '../../../src/signing/sign/services.ts';
import { signMessage, signStatement } from '../../../src/signing/sign/sign-entity.ts';
import type { Signer } from '../../../src/signing/signer.ts';
import { buildSignStatement } from '../../../src/signing/statement/build.ts';
import type { BuiltContent } from '../../image/image-builder.ts';
import { instantClock } from '../instant-clock.ts';
import { type OwnRegistry, startOwnRegistry } from '../own-registry.ts';
import { KnownScans } from './known-scans.ts';

/** A registry with a policy that a test changes as it likes. */
export interface GatedRegistry extends AsyncDisposable {
  readonly own: OwnRegistry;
  readonly scans: KnownScans;
  readonly events: GateEvent[];
  readonly clock: ReturnType<typeof instantClock>;
  /** The same by a tag, as cosign did before bundles. */
  signByTag(repository: string, content: BuiltContent, signer: Signer): Promise<void>;
  /** Takes over other rules. */
  use(policy: Partial<Policy>, rules?: Partial<GateRules>): void;
  /** Takes the policy away. */
  useNone(): void;
  /** Who sends what comes next is exempt, or not. */
  exempt: boolean;
  /** Pushes an image or an index with all that it names, whatever the policy says, and gives its digest. */
  push(repository: string, tag: string, content: BuiltContent): Promise<Digest>;
  /** Attaches a signature to a digest. */
  sign(repository: string, content: BuiltContent, signer: Signer, logs?: SigningServices['logs']): Promise<void>;
}

const noTrust = { authorities: [], timestampAuthorities: [], logs: [], ctLogs: [] };

/** A policy of these rules alone. */
function policyOf(policy: Partial<Policy>): GateRules['policy'] {
  return compilePolicy({ rules: [], signers: [], exceptions: [], unknown: 'deny', ...policy });
}

/** A rule against critical flaws, named `no-criticals`. */
export const noCriticals: Rule = {
  name: 'no-criticals',
  action: 'deny',
  kind: 'vulnerabilities',
  severity: 'CRITICAL',
};

/** What else a gated registry is made of. */
export interface GatedOptions {
  readonly registry?: Partial<RegistryOptions> & { readonly folder?: string };
  readonly scans?: (content: Content) => ImageScans;
  /** What the gate reads images and attachments from, in place of the registry's own origin. */
  readonly origin?: (origin: Origin) => Origin;
  readonly isCached?: (repository: string) => boolean;
  readonly timeLimit?: (milliseconds: number) => AbortSignal;
  /** What it goes by, in place of what `use` sets. */
  readonly rules?: () => GateRules | undefined;
}

/** Starts one. A client that is held sees the time of `hold` pass at once, unless another clock is given. */
export async function startGatedRegistry(
  policy: Partial<Policy>,
  given: Partial<Clock> = {},
  options: GatedOptions = {},
): Promise<GatedRegistry> {
  await using opened = new AsyncDisposableStack();
  const instant = instantClock();
  const clock = { ...instant, ...given };
  const scans = new KnownScans();
  const events: GateEvent[] = [];
  const usual = {
    policy: policyOf(policy),
    trust: { trust: noTrust, timestamps: 0, logsForKeys: 0 },
    hold: 1000,
    retryAfter: 5000,
    platforms: [],
  };
  const live: { rules: GateRules | undefined; exempt: boolean } = { rules: usual, exempt: false };
  const own = opened.use(
    await startOwnRegistry({
      now: () => clock.now(),
      ...options.registry,
      gate: (content, origin) => {
        const parts: GateParts = {
          content,
          origin: options.origin?.(origin) ?? origin,
          scans: options.scans?.(content) ?? scans,
          rules: options.rules ?? (() => live.rules),
          registry: () => 'registry.example',
          sourceOf: (repository) => `registry.example/${repository}`,
          repositoryOf: (source) => (options.isCached?.(source) === true ? source : undefined),
          isCached: options.isCached ?? (() => false),
          isExempt: () => live.exempt,
          clock,
          ...(options.timeLimit === undefined ? {} : { timeLimit: options.timeLimit }),
          observe: (event) => events.push(event),
        };
        return { enter: refuseByName(parts), judge: openPolicyGate(parts) };
      },
    }),
  );
  const network = opened.use(openNetwork({ clock: instant }));
  const remote = (repository: string): RemoteRepository => ({
    client: new RegistryClient(network, own.host),
    repository,
  });
  const freely = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const before = live.exempt;
    live.exempt = true;
    try {
      return await work();
    } finally {
      live.exempt = before;
    }
  };
  const kept = opened.move();
  return {
    own,
    scans,
    events,
    clock: instant,
    use(next, rules = {}) {
      live.rules = { ...usual, ...rules, policy: policyOf(next) };
    },
    useNone() {
      live.rules = undefined;
    },
    get exempt() {
      return live.exempt;
    },
    set exempt(value) {
      live.exempt = value;
    },
    push: (repository, tag, { descriptor, blobs }) =>
      freely(async () => {
        const { client } = remote(repository);
        const manifests: Digest[] = [];
        for (const [digest, bytes] of blobs) {
          if (isManifest(bytes)) manifests.push(digest);
          else await pushBlob(client, repository, blobOf(bytes));
        }
        for (const digest of manifests) {
          const bytes = blobs.get(digest) as Buffer;
          if (digest === descriptor.digest) continue;
          const { mediaType } = JSON.parse(bytes.toString()) as { mediaType: string };
          await pushManifest(client, repository, digest, { mediaType, bytes });
        }
        const bytes = blobs.get(descriptor.digest) as Buffer;
        await pushManifest(client, repository, tag, { mediaType: descriptor.mediaType, bytes });
        return descriptor.digest;
      }),
    sign: (repository, { descriptor }, signer, logs = []) =>
      freely(async () => {
        const services = { network, logs, timestampAuthorities: [] };
        const payload = buildSignStatement({ algorithm: 'sha256', hex: digestHex(descriptor.digest) }, new Map());
        const bytes = encodeBundle(await signStatement(payload, signer, services));
        const bundle = { bytes, mediaType: bundleMediaType, content: 'dsse-envelope', created: new Date(0) } as const;
        await attachBundle(remote(repository), descriptor, bundle);
      }),
    signByTag: (repository, { descriptor: { digest } }, signer) =>
      freely(async () => {
        const services = { network, logs: [], timestampAuthorities: [] };
        const payload = buildSimpleSigning(`${own.host}/${repository}`, digest, new Map());
        const annotations = entityAnnotations(await signMessage(payload, signer, services));
        await attachLegacy(remote(repository), digest, { kind: 'signature', payload, annotations });
      }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function isManifest(bytes: Buffer): boolean {
  return (
    bytes[0] === 0x7b &&
    bytes.includes('"mediaType":"application/vnd.') &&
    /"(?:layers|manifests)":/.test(bytes.toString())
  );
}

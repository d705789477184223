import type { Logger } from '../../base/logger.ts';
import { kmsKeyLookup, type KeyLookup } from '../../evidence/key-lookup.ts';
import { FollowedTrust } from '../../evidence/trust/followed-trust.ts';
import type { SignatureTrust } from '../../evidence/context.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Clock } from '../../net/clock.ts';
import type { Network } from '../../net/network.ts';
import type { Keychain } from '../../oci/client/credential.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import { compileTexts } from '../../policy/dialects/compile-texts.ts';
import type { DialectSettings } from '../../policy/dialects/model.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';
import { KnownSignatures } from '../../signing/certificate/known-signatures.ts';
import type { KeyDeps } from '../../signing/key/key-deps.ts';
import type { TrustMaterial } from '../../signing/trust/trust-material.ts';
import { kindNames } from '../cluster/kind-names.ts';
import { KubernetesFacts } from '../cluster/cluster-facts.ts';
import { AdmissionError } from '../error.ts';
import { openProvider } from '../gatekeeper/open-provider.ts';
import type { ProviderServer } from '../gatekeeper/serve/open-provider-server.ts';
import { accessKeychain, type CredentialSources } from '../../workload/credentials/access-keychain.ts';
import { clusterSecrets } from '../../workload/credentials/cluster-secrets.ts';
import { GlobalContext } from '../global-context/global-context.ts';
import { ImageJudge, type ImageJudgeParts } from '../image/image-judge.ts';
import { NameMemory } from '../image/name-memory.ts';
import type { AdmissionMetrics } from '../metrics.ts';
import { PolicySet } from '../policies/policy-set.ts';
import { GuardedNetwork } from '../../evidence/reach/guarded-network.ts';
import { RegistryReach } from '../../evidence/reach/registry-reach.ts';
import { type AdmissionServer, openAdmissionServer, type ServerLimits } from '../server/open-admission-server.ts';
import { systemTimer, type TlsSource } from '../server/model.ts';
import type { ResourceJudgeParts } from '../resource/judge-resource.ts';
import { imageDataOf } from '../source/image-data.ts';
import { KeyedPolicies } from '../source/keyed-policies.ts';
import { PoliteNetwork } from '../../evidence/reach/polite-network.ts';
import { type FindingSource, RegistrySource } from '../source/registry-source.ts';
import { Repositories } from '../../evidence/reach/repositories.ts';
import type { VerdictStore } from '../verdict-cache/model.ts';
import { clusterKeys } from './cluster-keys.ts';
import type { AdmissionSettings } from './model.ts';
import { noCluster } from './no-cluster.ts';
import { type JudgedReview, reviewJudge } from './review-judge.ts';

/** What a webhook works with. */
export interface AdmissionParts {
  readonly tls: TlsSource;
  readonly network: Network;
  /** Absent where it has no connection to a cluster. */
  readonly client?: KubernetesClient;
  /** What the machine itself has for registries. */
  readonly machine: Keychain;
  /** What this process is at clouds. */
  readonly clouds: CredentialSources['clouds'];
  readonly keyDeps: KeyDeps;
  /** Reads files with keys that policies name, where policies come from files. */
  readonly keyFile?: DialectSettings['keyFile'];
  /** Where the API server is for pods of its cluster, which no name of an image leads to. */
  readonly apiServer?: string | undefined;
  readonly store?: VerdictStore;
  readonly findings?: FindingSource;
  readonly metrics: AdmissionMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: ServerLimits;
  /** Whether a registrar makes webhooks for policies with conditions or a timeout of their own; nobody does where it is absent. */
  readonly hasOwnWebhooks?: boolean;
  /** Why nothing can be judged now besides what this knows itself; empty where all is there. */
  readonly notReady?: () => readonly string[];
  readonly onJudged?: (judged: JudgedReview) => void;
  /** Is told how each image was judged. */
  readonly onImage?: ImageJudgeParts['observe'];
}

/** A webhook that judges what comes to a cluster. */
export interface Admission extends AsyncDisposable {
  readonly server: AdmissionServer;
  /** There where Gatekeeper is answered as well. */
  readonly gatekeeper?: ProviderServer;
  /** Stops serving when what is under way is answered. */
  readonly close: () => Promise<void>;
  /** The policies that count; whoever has their texts puts them in. */
  readonly policies: PolicySet;
  readonly images: ImageJudge;
  /** What objects are judged with, for whoever looks over those that are there already. */
  readonly resource: ResourceJudgeParts;
  /** Objects that no policy is asked about. */
  readonly passesOver: (subject: ResourceSubject) => boolean;
}

/** Puts a webhook together and serves it. It is ready when its policies were read. @throws ListenError, AdmissionError */
export async function openAdmission(settings: AdmissionSettings, parts: AdmissionParts): Promise<Admission> {
  const { client, clock, logger, metrics, tls } = parts;
  await using opened = new AsyncDisposableStack();
  const over = new AbortController();
  opened.defer(() => over.abort());
  const repositories = new Repositories(registryOpener(settings, parts), clock);
  const source = new RegistrySource({
    repositories,
    clock,
    trust: await openTrust(settings, parts, opened),
    platforms: settings.platforms,
    ...(parts.findings === undefined ? {} : { findings: parts.findings }),
  });
  const images = new ImageJudge({
    source,
    clock,
    times: settings.times,
    ...(parts.store === undefined ? {} : { store: parts.store }),
    ...(parts.onImage === undefined ? {} : { observe: parts.onImage }),
  });
  const { naming } = settings.kyverno;
  const globals = client === undefined ? undefined : new GlobalContext({ client, clock, logger, naming });
  globals
    ?.run(over.signal)
    .catch((error: unknown) => logger.error('The global context is not kept any more', { error }));
  const policies = new PolicySet(async (texts) => {
    const made = await compileTexts(texts, {
      kyverno: settings.kyverno,
      ...(settings.policyController === undefined ? {} : { policyController: settings.policyController }),
      ...(parts.keyFile === undefined ? {} : { keyFile: parts.keyFile }),
    });
    if (made.mistakes.length === 0) globals?.takeFiles(made.globalEntries ?? []);
    return made;
  }, logger);
  const [platform = { os: 'linux', architecture: 'amd64' }] = settings.platforms;
  const facts =
    client === undefined || globals === undefined
      ? noCluster(clock)
      : new KubernetesFacts(
          {
            client,
            clock,
            logger,
            imageData: (lookup, signal) => imageDataOf({ repositories, clock, platform }, lookup, signal),
            globalReference: (name, signal) => globals.look(name, signal),
          },
          over.signal,
        );
  const resource: ResourceJudgeParts = {
    facts,
    names: new NameMemory(source, clock, settings.times),
    images,
    keys: new KeyedPolicies(keyLookup(parts), clock),
    clock,
  };
  const passesOver = passedOver(settings);
  const judging = { ...resource, policies: () => knownPolicies(policies), passesOver };
  const judge = reviewJudge({
    ...judging,
    startTimer: systemTimer,
    hasOwnWebhooks: parts.hasOwnWebhooks ?? false,
    ...(client === undefined ? {} : { kindOf: kindNames({ client, clock, logger }) }),
    ...(parts.onJudged === undefined ? {} : { onJudged: parts.onJudged }),
  });
  images.follow(over.signal).catch((error: unknown) => {
    logger.error('Verdicts of other replicas are not followed any more', { error });
  });
  const { listen, plainListen, minVersion } = settings;
  const server = await openAdmissionServer({
    listen,
    ...(plainListen === undefined ? {} : { plainListen }),
    ...(minVersion === undefined ? {} : { minVersion }),
    tls,
    judge,
    // What was not read yet might have denied.
    notReady: () => [...(policies.isLoaded ? [] : ['policies']), ...(parts.notReady?.() ?? [])],
    logger,
    metrics,
    clock,
    ...(parts.limits === undefined ? {} : { limits: parts.limits }),
  });
  opened.use(server);
  const gatekeeper =
    settings.gatekeeper === undefined
      ? undefined
      : opened.use(await openProvider(settings.gatekeeper, { ...parts, judge: judging }));
  const held = opened.move();
  return {
    server,
    ...(gatekeeper === undefined ? {} : { gatekeeper }),
    policies,
    images,
    resource,
    passesOver,
    close: async () => void (await Promise.all([server.close(), gatekeeper?.close()])),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function registryOpener(
  { pullSecrets, providers, reach }: AdmissionSettings,
  { network, client, machine, clouds, clock, logger, apiServer }: AdmissionParts,
): ConstructorParameters<typeof Repositories>[0] {
  const plainHttp = (host: string): ReturnType<Network['plainHttp']> => network.plainHttp(host);
  const within = new RegistryReach(reach, { clock, logger, plainHttp, apiServer });
  const polite = new PoliteNetwork(network);
  const sources: CredentialSources = {
    secret: client === undefined ? () => Promise.resolve(undefined) : clusterSecrets(client, clock),
    globalSecrets: pullSecrets,
    globalProviders: providers,
    machine,
    clouds,
  };
  return (registry, access, namedBy) =>
    new RegistryClient(
      new GuardedNetwork(polite, within, { registry, namedBy, plainHttp: access.plainHttp }),
      registry,
      {
        keychain: accessKeychain(access, sources),
        logger,
      },
    );
}

async function openTrust(
  { trust, logKeys, cacheFolder }: AdmissionSettings,
  { network, clock, logger }: AdmissionParts,
  opened: AsyncDisposableStack,
): Promise<() => { readonly trust: SignatureTrust; readonly revision: string }> {
  const known = new KnownSignatures();
  const held = (material: TrustMaterial | undefined, revision: string) => ({
    trust: { trust: material, timestamps: 0, logsForKeys: logKeys ? 1 : 0, known },
    revision: `${revision} ${logKeys}`,
  });
  if (trust === undefined) return () => held(undefined, 'none');
  if ('material' in trust) return () => held(trust.material, trust.revision);
  const followed = await FollowedTrust.open(
    trust.anchor,
    { network, clock, logger, cacheFolder, observe: () => undefined, expires: () => undefined },
    () => undefined,
  );
  opened.use(followed);
  return () => held(followed.material, followed.revision);
}

function keyLookup({ client, keyDeps }: AdmissionParts): KeyLookup {
  const services = kmsKeyLookup(keyDeps);
  const secrets = client === undefined ? undefined : clusterKeys(client);
  return (reference) =>
    reference.startsWith('k8s://') && secrets !== undefined ? secrets(reference) : services(reference);
}

/** API servers may ask a webhook that is not ready, as over a connection from before: no policy yet is not that there is none. */
function knownPolicies({ isLoaded, policies }: PolicySet): PolicySet['policies'] {
  if (isLoaded) return policies;
  throw new AdmissionError('POLICIES_UNKNOWN', 'the policies were not read yet; try again in a moment');
}

function passedOver({ exceptNamespaces }: AdmissionSettings): (subject: ResourceSubject) => boolean {
  const namespaces = new Set(exceptNamespaces);
  return ({ namespace }) => namespace !== '' && namespaces.has(namespace);
}

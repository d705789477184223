import { createHash } from 'node:crypto';
import { Registry } from 'prom-client';
import { AdmissionMetrics } from '../../admission/metrics.ts';
import type { AdmissionSettings } from '../../admission/service/model.ts';
import { type Admission, openAdmission } from '../../admission/service/open-admission.ts';
import { boundOldGeneration } from '../../base/old-generation.ts';
import { systemClock } from '../../net/clock.ts';
import { formatListenAddress } from '../../net/listen-address.ts';
import type { Network, NetworkOptions } from '../../net/network.ts';
import { openNetwork } from '../../net/open-network.ts';
import { signingLimits } from '../../signing/limits.ts';
import { parseTrustedRoot } from '../../signing/trust/parse-trusted-root.ts';
import { ClusterUpkeep } from '../../admission/upkeep/cluster-upkeep.ts';
import { UpkeepMetrics } from '../../admission/upkeep/metrics.ts';
import { openCertificates, webhookNames } from '../admission/certificates.ts';
import { openClusterPart } from '../admission/cluster-part.ts';
import { openFindings } from '../admission/findings.ts';
import { type AdmissionFlags, admissionSettingsOf, registryRates, upkeepSettingsOf } from '../admission/flags.ts';
import { gatekeeperSettingsOf, gatekeeperTrust } from '../admission/gatekeeper.ts';
import { checkPolicySource, loadPolicies } from '../admission/load-policies.ts';
import { openVerdictStore } from '../admission/verdict-store.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { storedKeychainOf } from '../keychain.ts';
import { networkOptionsOf } from '../network.ts';
import { readBounded } from '../read-bounded.ts';
import { serverClouds } from '../server-clouds.ts';
import { serverLogger } from '../server-logger.ts';
import { readInput } from '../signing/read-input.ts';
import { tufAnchorOf } from '../signing/trust.ts';
import { untilAborted } from '../until-aborted.ts';

/** How long running requests may take to end, in milliseconds: longer than a review may take. */
const endTime = 40_000;

/** `admission serve`: judges what comes to a cluster until it is interrupted. */
export async function admissionServeCommand(
  flags: AdmissionFlags,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  // What is wrong with the command line is told before anything is written or asked.
  checkPolicySource(flags, flags.cluster === true);
  const rateOf = registryRates(flags);
  const upkeepSettings = upkeepSettingsOf(flags);
  // What is kept for long is small beside what each review leaves behind.
  boundOldGeneration(50);
  const logger = serverLogger(settings, host);
  const clock = systemClock;
  const { signal } = host;
  const metrics = new AdmissionMetrics(new Registry());
  const live: { admission?: Admission; upkeep?: ClusterUpkeep } = {};
  const canAnswer = (): boolean => live.admission?.policies.isLoaded === true;
  const onLead = (): void => live.upkeep?.nudge();
  await using cluster = await openClusterPart(flags, { canAnswer, onLead }, host, logger);
  const namespace = cluster?.namespace ?? flags.namespace;
  const { registrar } = cluster ?? {};
  const webhookSettings = {
    ...admissionSettingsOf(flags, { cacheFolder: settings.cacheDir, ownNamespace: namespace }),
    ...gatekeeperSettingsOf(flags, host),
  };
  const publication = gatekeeperTrust(flags, cluster, { clock, logger });
  const certificates = await openCertificates({
    folder: flags.certDir,
    names: webhookNames(flags.service, namespace, flags.url),
    store: cluster?.certificates,
    cacheFolder: settings.cacheDir,
    publish: publication.publish,
    metrics,
    clock,
    logger,
  });
  const options = {
    ...(await networkOptionsOf(settings, host)),
    logger,
    widthPerHost: 64,
    ...(rateOf === undefined ? {} : { rateOf }),
  };
  await using network = openNetwork(options);
  const opener = (changes: NetworkOptions): Network => openNetwork({ ...options, ...changes });
  const read = (path: string): Promise<Buffer> => readBounded(path, signingLimits.keyBytes, signal);
  host.endWithin(endTime);
  const upkeepMetrics = new UpkeepMetrics(metrics.registry);
  await using verdicts = await openVerdictStore(flags.verdictFile, cluster, host, logger, upkeepMetrics);
  const { store } = verdicts;
  await using findings = await openFindings(flags, settings, host, logger, upkeepMetrics.looked);
  const upkeep =
    cluster === undefined
      ? undefined
      : new ClusterUpkeep(upkeepSettings, {
          client: cluster.client,
          clock,
          logger,
          metrics: upkeepMetrics,
          identity: cluster.identity,
          leads: () => cluster.leader.leads,
        });
  if (upkeep !== undefined) live.upkeep = upkeep;
  await using admission = await openAdmission(
    {
      ...webhookSettings,
      ...(await trustSettings(settings, host)),
    },
    {
      tls: certificates.tls,
      network,
      apiServer: host.env['KUBERNETES_SERVICE_HOST'],
      ...(cluster === undefined ? {} : { client: cluster.client }),
      hasOwnWebhooks: registrar !== undefined,
      ...(store === undefined ? {} : { store }),
      ...(findings === undefined ? {} : { findings }),
      ...(upkeep === undefined ? {} : { onJudged: (judged) => upkeep.judged(judged) }),
      onImage: upkeepMetrics.judged,
      machine: await storedKeychainOf(settings, host),
      clouds: serverClouds({ network, openNetwork: opener }, settings, host),
      keyDeps: {
        env: host.env,
        network,
        openNetwork: opener,
        readFile: read,
        // Public keys have none.
        password: () => Promise.resolve(Buffer.alloc(0)),
        now: host.now,
        signal,
      },
      keyFile: async (path) => (await read(path)).toString('utf8'),
      metrics,
      clock,
      logger,
    },
  );
  live.admission = admission;
  upkeepMetrics.held(() => admission.images.size);
  const { policies } = admission;
  const loaded = await loadPolicies(flags, policies, cluster?.client, host, logger);
  if (loaded === undefined) return exitCode.error;
  const url = `https://${formatListenAddress(admission.server.address)}`;
  logger.info('The webhook listens', { url });
  await host.stdout.write(`${url}\n`);
  const provider = admission.gatekeeper?.address;
  if (provider !== undefined) await host.stdout.write(`https://${formatListenAddress(provider)} for Gatekeeper\n`);
  const want = (): void => registrar?.want(policies.policies);
  policies.onChange(want);
  if (policies.isLoaded) want();
  const tasks = [
    loaded.keep(signal),
    certificates.run(signal),
    publication.run(signal),
    verdicts.run(signal),
    ...(upkeep === undefined ? [] : [upkeep.run({ set: policies, ...loaded.objects }, admission, signal)]),
    ...(cluster === undefined ? [] : [cluster.leader.run(signal)]),
    ...(registrar === undefined ? [] : [registrar.run(signal)]),
  ];
  await untilAborted(signal);
  logger.info('The webhook ends');
  await admission.close();
  await Promise.all(tasks);
  // To be interrupted is how this command ends, and no failure: the shell's status says by what.
  return host.interruptStatus() ?? exitCode.ok;
}

/** Whom to trust: the file that is named, else what the TUF repository says, followed from then on. */
async function trustSettings(settings: Settings, host: Host): Promise<Pick<AdmissionSettings, 'trust'>> {
  if (settings.trustedRoot === undefined) return { trust: { anchor: await tufAnchorOf(settings, host) } };
  const bytes = await readInput(settings.trustedRoot, signingLimits.trustBytes, '--trusted-root', host);
  const revision = createHash('sha256').update(bytes).digest('hex');
  return { trust: { material: parseTrustedRoot(bytes, settings.trustedRoot), revision } };
}

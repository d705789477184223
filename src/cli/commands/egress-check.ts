import { resolve } from 'node:path';
import { pullCanary, pullers } from '../../egress/canary/canary.ts';
import { checkNode, type NodeQuestion } from '../../egress/check/check-node.ts';
import { type NodeReport, withFindings } from '../../egress/check/report.ts';
import { endpointHost, type Finding } from '../../egress/endpoint.ts';
import { EgressError } from '../../egress/error.ts';
import { filesBelow, isFolder } from '../../egress/node/node-files.ts';
import { isHostAndPort, isImageHost } from '../../egress/policy/image-host.ts';
import { judgeProbes } from '../../egress/probe/judge-probes.ts';
import { probedHosts, probeHosts } from '../../egress/probe/probe.ts';
import { runtimeNames } from '../../egress/runtime/runtime.ts';
import { openNetwork } from '../../net/open-network.ts';
import { redactText } from '../../net/redact.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { type PolicyPlace, readEgressPolicy } from '../egress/read-egress-policy.ts';
import { knownWords } from '../egress/words.ts';
import { writeNodeReport } from '../egress/write-report.ts';
import { egressExitCode, exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { keychainOf } from '../keychain.ts';
import { networkOf, networkOptionsOf } from '../network.ts';

/** What is looked at, and by what it is judged. */
export interface EgressCheckOptions extends PolicyPlace {
  /** Host and port of the private registry, in place of a policy. */
  readonly registry?: string;
  readonly root?: string;
  readonly runtime: readonly string[];
  readonly host: readonly string[];
  readonly probe?: boolean;
  readonly probeHost: readonly string[];
  readonly canary?: string;
  readonly canaryWith?: string;
  readonly auditRegistry?: string;
  readonly format?: string;
}

/** The private registry, and what a policy says besides. */
interface Wanted extends Pick<NodeQuestion, 'registry' | 'exceptions' | 'hosts'> {
  /** `http` or `https`. */
  readonly scheme: string;
}

/** `egress check`: tells where the runtimes of a node would pull from. */
export async function egressCheckCommand(
  options: EgressCheckOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { root = '/', format = 'table' } = options;
  if (format !== 'table' && format !== 'json') {
    throw new ConfigError('SETTING_INVALID', `--format is "${format}"; give table or json`);
  }
  refuseHalves(options);
  const odd = options.host.find((each) => !isImageHost(each.split('/', 1)[0] as string));
  if (odd !== undefined) {
    const message = `--host is "${odd}"; write the host of image names, such as docker.io or registry.example.org:5000`;
    throw new ConfigError('SETTING_INVALID', message);
  }
  const runtimes = knownWords('--runtime', options.runtime, runtimeNames);
  const wanted = await wantedOf(options, host);
  if ('status' in wanted) return wanted.status;
  const folder = resolve(host.cwd, root);
  if (!(await isFolder(folder))) {
    throw new EgressError('EGRESS_ROOT_UNREADABLE', `${root} is no folder that can be read; check --root`);
  }
  const question = {
    ...wanted,
    hosts: [...wanted.hosts, ...options.host],
    ...(runtimes.length === 0 ? {} : { runtimes }),
  };
  const node = await checkNode(filesBelow(folder), question);
  const more = [...(await probes(options, wanted, resolved, host)), ...(await canary(options, wanted, resolved, host))];
  const report = withFindings(node, more);
  if (format === 'json') await host.stdout.write(`${JSON.stringify(report)}\n`);
  else await writeNodeReport(report, host);
  return statusOf(report);
}

function statusOf({ verdict }: NodeReport): number {
  return verdict === 'closed' ? exitCode.ok : egressExitCode[verdict];
}

function refuseHalves({
  canary,
  canaryWith,
  auditRegistry,
  probe,
  probeHost,
  registry,
  policy,
}: EgressCheckOptions): void {
  const refuse = (message: string): never => {
    throw new ConfigError('SETTING_INVALID', message);
  };
  if (canary === undefined && canaryWith !== undefined) refuse('--canary-with needs --canary, which names the image');
  if (canary === undefined && auditRegistry !== undefined)
    refuse('--audit-registry needs --canary, which names the image');
  if (canaryWith !== undefined) knownWords('--canary-with', [canaryWith], Object.keys(pullers));
  if (probe !== true && probeHost.length > 0) refuse('--probe-host needs --probe');
  if (registry !== undefined && policy !== undefined)
    refuse('--registry takes the place of --policy; give one of them');
  if (auditRegistry !== undefined && !/^https?:\/\/[^/]/.test(auditRegistry)) {
    refuse(`--audit-registry is "${auditRegistry}"; write https://HOST`);
  }
}

async function wantedOf(
  { registry, policy, config }: EgressCheckOptions,
  host: Host,
): Promise<Wanted | { readonly status: number }> {
  if (registry !== undefined) {
    const scheme = /^http:/i.test(registry) ? 'http' : 'https';
    const url = URL.parse(/^https?:\/\//i.test(registry) ? registry : `https://${registry}`);
    const isHost = url !== null && (isHostAndPort(url.host) || url.hostname.startsWith('['));
    if (!isHost || `${url.username}${url.password}${url.search}${url.hash}` !== '' || url.pathname !== '/')
      throw new ConfigError('SETTING_INVALID', `--registry is "${redactText(registry)}"; write HOST or HOST:PORT`);
    return { registry: endpointHost(url.host, scheme), scheme, exceptions: [], hosts: [] };
  }
  const place = { ...(policy === undefined ? {} : { policy }), ...(config === undefined ? {} : { config }) };
  const read = await readEgressPolicy(place, host);
  if ('status' in read) return read;
  const { registry: access, exceptions, hosts } = read.policy;
  const { authority, scheme } = access;
  return { registry: authority, scheme, exceptions: exceptions.map((each) => each.host), hosts };
}

async function probes(
  { probe, probeHost }: EgressCheckOptions,
  { registry, exceptions }: Wanted,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<readonly Finding[]> {
  if (probe !== true) return [];
  const { proxy: _proxy, ...direct } = await networkOptionsOf(settings, host);
  await using network = openNetwork(direct);
  const hosts = (probeHost.length > 0 ? probeHost : probedHosts).filter((each) => !exceptions.includes(each));
  const elsewhere = await probeHosts(hosts, network, host.signal);
  return judgeProbes(elsewhere, await probeHosts([registry], network, host.signal));
}

async function canary(
  { canary: reference, canaryWith, auditRegistry }: EgressCheckOptions,
  { registry, scheme }: Wanted,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<readonly Finding[]> {
  if (reference === undefined) return [];
  // A policy that says http:// has said so.
  const plainHttp = scheme === 'http' ? [...settings.plainHttp, registry] : settings.plainHttp;
  await using network = await networkOf({ ...settings, plainHttp }, host);
  const { env, signal } = host;
  const question = {
    reference,
    registry,
    ...(auditRegistry === undefined ? {} : { auditUrl: auditRegistry }),
    ...(canaryWith === undefined ? {} : { puller: canaryWith }),
  };
  return await pullCanary(question, { network, keychain: await keychainOf(settings, host), env, signal });
}

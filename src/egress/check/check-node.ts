import { mapBounded } from '../../base/concurrency.ts';
import { endpointHost, type Finding, type Route, upstreamHost } from '../endpoint.ts';
import { egressLimits } from '../limits.ts';
import type { NodeFiles } from '../node/node-files.ts';
import { runtimeModels } from '../runtime/list.ts';
import { imageHostOf, type RuntimeModel, type RuntimeName, type RuntimeReading } from '../runtime/runtime.ts';
import { type JudgedEndpoint, type JudgedRoute, type NodeReport, type RuntimeReport, verdictOf } from './report.ts';

/** What a node is compared with. */
export interface NodeQuestion {
  /** Host and port of the private registry. */
  readonly registry: string;
  /** Image hosts that are reached directly. */
  readonly exceptions: readonly string[];
  /** Image hosts to look at besides {@link usualHosts} and those that the node's files name. */
  readonly hosts: readonly string[];
  /** Only these; absent: those whose files are there. */
  readonly runtimes?: readonly RuntimeName[];
}

/** Stands for every host that no file names. */
export const otherHost: string = 'any-other-host.example';

/** Where most images come from. */
const usualHosts: readonly string[] = [
  'docker.io',
  'ghcr.io',
  'quay.io',
  'gcr.io',
  'registry.k8s.io',
  'public.ecr.aws',
  'mcr.microsoft.com',
  otherHost,
];

/** Reads a node's files with a model of each runtime, and tells where each would pull from. */
export async function checkNode(files: NodeFiles, question: NodeQuestion): Promise<NodeReport> {
  const wanted = runtimeModels.filter(({ name }) => question.runtimes?.includes(name) ?? true);
  const readings = await mapBounded(wanted, 1, async (model) => ({ model, reading: await model.read(files) }));
  const runtimes: RuntimeReport[] = [];
  const findings: Finding[] = [];
  for (const { model, reading } of readings) {
    if (reading !== undefined) runtimes.push(await reportOf(model, reading, question));
    else if (question.runtimes !== undefined) {
      const sentence = `no file of ${model.name} was found, so that it cannot be told what it does`;
      findings.push({ code: 'RUNTIME_ABSENT', level: 'unknown', sentence });
    }
  }
  if (runtimes.length === 0 && findings.length === 0) {
    const sentence = 'no file of any runtime was found; check --root, and that they may be read';
    findings.push({ code: 'RUNTIME_ABSENT', level: 'unknown', sentence });
  }
  const { registry } = question;
  return { verdict: verdictOf({ runtimes, findings }), registry, runtimes, findings };
}

async function reportOf(model: RuntimeModel, reading: RuntimeReading, question: NodeQuestion): Promise<RuntimeReport> {
  const findings = [...reading.findings];
  const images = [...new Set([...usualHosts, ...question.hosts, ...reading.named])];
  if (images.length > egressLimits.hosts) {
    const sentence = `names more than ${egressLimits.hosts} image hosts, of which the first were looked at`;
    findings.push({ code: 'HOSTS_TOO_MANY', level: 'unknown', sentence });
  }
  const routes = await mapBounded(images.slice(0, egressLimits.hosts), 1, (image) => reading.resolve(image));
  const isTold = findings.some(({ level }) => level === 'way-out');
  const judged = routes.map((route) => withWaysOut(judge(route, question), isTold));
  return { runtime: model.name, files: reading.files, findings, routes: judged };
}

/**
 * A route that is open, with what leads it elsewhere: each endpoint that somebody named, and the upstream where nothing else says why it
 * is asked.
 */
function withWaysOut(route: JudgedRoute, isTold: boolean): JudgedRoute {
  if (!route.open) return route;
  const { image, file } = route;
  const place = file === undefined ? {} : { file };
  const explained = isTold || route.findings.some(({ level }) => level === 'way-out');
  const ways = route.endpoints.flatMap(({ url, role, allowed, line }): Finding[] => {
    if (allowed) return [];
    if (role !== 'upstream') {
      const sentence = `leads to ${url}, which is neither the private registry nor an exception; name the private registry`;
      return [{ code: 'ELSEWHERE', level: 'way-out', ...place, ...(line === undefined ? {} : { line }), sentence }];
    }
    if (explained) return [];
    const what = image === otherHost ? 'any other host' : image;
    const sentence =
      file === undefined
        ? `images of ${what} come from the upstream, since no file leads them to the private registry`
        : `lets images of ${what} come from the upstream; lead them to the private registry`;
    return [{ code: 'UPSTREAM_ASKED', level: 'way-out', ...place, sentence }];
  });
  return { ...route, findings: [...route.findings, ...ways] };
}

function judge(route: Route, { registry, exceptions }: NodeQuestion): JudgedRoute {
  const host = imageHostOf(route.image);
  const direct = host === registry || exceptions.includes(host);
  const allowed = new Set([
    registry,
    ...(exceptions.includes(host) ? [host, endpointHost(upstreamHost(host), 'https')] : []),
  ]);
  const endpoints = route.endpoints.map((endpoint): JudgedEndpoint => ({
    ...endpoint,
    allowed: allowed.has(endpoint.host),
  }));
  const open = route.outcome === 'asked' && endpoints.some((endpoint) => !endpoint.allowed);
  // What keeps the private registry's own images at the private registry is no finding.
  const own = host === registry && !open ? route.findings.filter(({ level }) => level === 'unknown') : route.findings;
  const findings = own.map((finding): Finding => {
    // A host that is reached directly has no other way to be closed.
    return direct && finding.level === 'way-out' ? { ...finding, level: 'note' } : finding;
  });
  for (const { url, unverified, proxy } of endpoints.filter((endpoint) => endpoint.allowed)) {
    if (unverified === true) {
      const sentence = `${url} is asked without its certificate being verified, so that whoever is on the way can answer`;
      findings.push({ code: 'UNVERIFIED', level: 'note', sentence });
    }
    if (proxy !== undefined) {
      findings.push({ code: 'PROXIED', level: 'note', sentence: `${url} is asked through ${proxy}` });
    }
  }
  return { ...route, endpoints, open, findings };
}

import { type Endpoint, endpointOf, type Finding, noRoute, upstreamEndpoint } from '../../endpoint.ts';
import { imageHostOf, type RuntimeModel } from '../runtime.ts';

const path = '/etc/docker/daemon.json';
const hub = 'docker.io';

/** The Docker daemon, whose mirrors are for Docker Hub alone and always fall back (moby issues 18818, 46319). */
export const docker: RuntimeModel = {
  name: 'docker',
  async read(files) {
    const file = await files.read(path);
    if (file.kind === 'absent') return undefined;
    const findings: Finding[] = [];
    const tell = (code: string, level: Finding['level'], sentence: string): void => {
      findings.push({ code, level, file: path, sentence });
    };
    if (file.kind === 'unreadable') findings.push(file.finding);
    const settings = file.kind === 'text' ? parseDaemonJson(file.text) : {};
    if (settings === undefined) {
      tell('CONFIG_BROKEN', 'unknown', 'is no JSON object; Docker does not start with it');
      return { files: [path], findings, named: [], resolve: (image) => Promise.resolve(noRoute(imageHostOf(image))) };
    }
    const mirrors = textsIn(settings['registry-mirrors']);
    const loose = new Set(textsIn(settings['insecure-registries']));
    tell(
      'FALLS_BACK',
      'way-out',
      'cannot keep Docker from asking the upstream: mirrors are for Docker Hub alone, and fall back; let a firewall do it',
    );
    return {
      files: [path],
      findings,
      named: [],
      resolve: (image) => {
        const host = imageHostOf(image);
        const listed = host === hub ? mirrors.map((text) => mirrorOf(text, loose)) : [];
        const endpoints = [...listed, upstreamEndpoint(host)];
        return Promise.resolve({ image: host, outcome: 'asked' as const, endpoints, file: path, findings: [] });
      },
    };
  },
};

/** Undefined for what is no object. An empty file is one without settings. */
function parseDaemonJson(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function mirrorOf(text: string, loose: ReadonlySet<string>): Endpoint {
  const [, scheme = 'https', authority = ''] = /^(?:([a-z]+):\/\/)?([^/]*)/i.exec(text) as RegExpExecArray;
  const endpoint = endpointOf(scheme.toLowerCase(), authority, '/v2', 'mirror');
  return loose.has(authority) ? { ...endpoint, unverified: true } : endpoint;
}

import { join } from 'node:path/posix';
import { parseToml, type TomlTable, tableIn } from '../../../codec/toml/parse-toml.ts';
import { type Endpoint, endpointOf, type Finding, noRoute, upstreamEndpoint } from '../../endpoint.ts';
import { imageHostOf, type RuntimeModel } from '../runtime.ts';

const path = '/etc/buildkit/buildkitd.toml';

/** BuildKit, which asks mirrors and then always the registry itself (buildkit `NewRegistryConfig`). */
export const buildkit: RuntimeModel = {
  name: 'buildkit',
  async read(files) {
    const file = await files.read(path);
    if (file.kind === 'absent') return undefined;
    const findings: Finding[] = [];
    if (file.kind === 'unreadable') findings.push(file.finding);
    let registries: TomlTable = {};
    if (file.kind === 'text') {
      const { document, mistake } = parseToml(file.text);
      registries = tableIn(document?.root, 'registry') ?? {};
      if (document === undefined) {
        const sentence = `cannot be read, and buildkitd does not start with it: ${mistake.sentence}`;
        findings.push({ code: 'CONFIG_BROKEN', level: 'unknown', file: path, line: mistake.line, sentence });
        return { files: [path], findings, named: [], resolve: (image) => Promise.resolve(noRoute(imageHostOf(image))) };
      }
    }
    const sentence = 'cannot keep BuildKit from asking the upstream after its mirrors; let a firewall do it';
    findings.push({ code: 'FALLS_BACK', level: 'way-out', file: path, sentence });
    return {
      files: [path],
      findings,
      named: Object.keys(registries),
      resolve: (image) => {
        const host = imageHostOf(image);
        const listed: unknown = tableIn(registries, host)?.['mirrors'];
        const mirrors = Array.isArray(listed) ? listed.filter((each) => typeof each === 'string') : [];
        const endpoints = [...mirrors.map((each) => mirrorOf(each, registries)), upstreamEndpoint(host)];
        return Promise.resolve({ image: host, outcome: 'asked' as const, endpoints, file: path, findings: [] });
      },
    };
  },
};

/** The path of a mirror stands behind `/v2` (`newMirrorRegistryHost`). */
function mirrorOf(text: string, registries: TomlTable): Endpoint {
  const [, authority = '', rest = ''] = /^(?:https?:\/\/)?([^/]*)(.*)$/.exec(text) as RegExpExecArray;
  const own = tableIn(registries, authority);
  const scheme = own?.['http'] === true ? 'http' : 'https';
  const endpoint = endpointOf(scheme, authority, join('/v2', rest).replace(/\/$/, ''), 'mirror');
  return own?.['insecure'] === true ? { ...endpoint, unverified: true } : endpoint;
}

import { printable } from '../../../base/printable.ts';
import { parseGoUrl } from '../../node/go-url.ts';
import { type Endpoint, endpointOf, type Finding, noRoute, type Route, upstreamEndpoint } from '../../endpoint.ts';
import { isTrue, memberOf, membersOf, type PlainYaml, readPlainYaml, textsIn } from '../../node/plain-yaml.ts';
import { imageHostOf, type RuntimeModel, type RuntimeReading } from '../runtime.ts';

/** Where Talos keeps the configuration of a machine. */
export const talosFile = '/system/state/config.yaml';

/** Talos Linux, whose machine configuration names mirrors. */
export const talos: RuntimeModel = {
  name: 'talos',
  async read(files) {
    const file = await files.read(talosFile);
    if (file.kind === 'absent') return undefined;
    if (file.kind === 'text') return await readTalos(file.text, talosFile);
    return { files: [], findings: [file.finding], named: [], resolve: (image) => Promise.resolve(noRoute(image)) };
  },
};

interface Mirror {
  readonly endpoints: readonly Endpoint[];
  readonly skipFallback: boolean;
}

/** Reads a machine configuration: documents `RegistryMirrorConfig`, and the older `machine.registries`. */
async function readTalos(text: string, file: string): Promise<RuntimeReading> {
  const { documents, mistake } = await readPlainYaml(text);
  const findings: Finding[] = [];
  if (documents === undefined) {
    const sentence = `cannot be read: ${mistake.sentence}`;
    findings.push({ code: 'CONFIG_BROKEN', level: 'unknown', file, line: mistake.line, sentence });
    return { files: [], findings, named: [], resolve: (image) => Promise.resolve(noRoute(image)) };
  }
  const mirrors = new Map<string, Mirror & { readonly line: number }>();
  for (const { value: document, lineOf } of documents) {
    const path = ['machine', 'registries', 'mirrors'];
    const older = membersOf(memberOf(memberOf(memberOf(document, 'machine'), 'registries'), 'mirrors'));
    for (const [host, value] of Object.entries(older))
      mirrors.set(host, { ...olderMirror(value), line: lineOf([...path, host]) });
    const host = memberOf(document, 'name');
    if (memberOf(document, 'kind') === 'RegistryMirrorConfig' && typeof host === 'string') {
      mirrors.set(host, { ...mirrorOf(document), line: lineOf(['name']) });
    }
  }
  const star = mirrors.get('*');
  if (star === undefined) {
    const sentence = 'has no mirror for "*", so that images of hosts that it does not name come from the upstream';
    findings.push({ code: 'WILDCARD_MISSING', level: 'way-out', file, sentence });
  }
  for (const [host, { skipFallback, endpoints, line }] of mirrors) {
    const why =
      endpoints.length === 0
        ? 'without endpoints, for which the upstream is asked; name one'
        : 'without skipFallback, after which the upstream is asked; set it to true';
    const sentence = `has a mirror for ${printable(host)} ${why}`;
    if (!skipFallback || endpoints.length === 0)
      findings.push({ code: 'FALLBACK', level: 'way-out', file, line, sentence });
  }
  return {
    files: [file],
    findings,
    named: [...mirrors.keys()].filter((host) => host !== '*'),
    resolve: (image): Promise<Route> => {
      const host = imageHostOf(image);
      const mirror = mirrors.get(host) ?? star;
      if (mirror === undefined) return Promise.resolve({ ...upstream(host), file });
      const named = mirror.endpoints.map((endpoint): Endpoint => ({ ...endpoint, line: mirror.line }));
      const isLast = mirror.skipFallback && named.length > 0;
      const endpoints = isLast ? named : [...named, upstreamEndpoint(host)];
      return Promise.resolve({ image: host, outcome: 'asked', endpoints, file, findings: [] });
    },
  };
}

function upstream(image: string): Route {
  return { image, outcome: 'asked', endpoints: [upstreamEndpoint(imageHostOf(image))], findings: [] };
}

function mirrorOf(document: PlainYaml): Mirror {
  const list = memberOf(document, 'endpoints');
  const endpoints = Array.isArray(list) ? (list as readonly PlainYaml[]) : [];
  return {
    endpoints: endpoints.flatMap((each) => {
      const url = memberOf(each, 'url');
      return typeof url === 'string' ? [endpointAt(url, isTrue(memberOf(each, 'overridePath')))] : [];
    }),
    skipFallback: isTrue(memberOf(document, 'skipFallback')),
  };
}

function olderMirror(value: PlainYaml): Mirror {
  const override = isTrue(memberOf(value, 'overridePath'));
  return {
    endpoints: textsIn(memberOf(value, 'endpoints')).map((url) => endpointAt(url, override)),
    skipFallback: isTrue(memberOf(value, 'skipFallback')),
  };
}

function endpointAt(url: string, override: boolean): Endpoint {
  // Without a scheme there is no host; whatever Talos then does, the private registry is not asked.
  const { scheme, host, path } = parseGoUrl(url) ?? { scheme: '', host: '', path: '' };
  const bare = path.replace(/\/+$/, '');
  return endpointOf(
    scheme === '' ? 'https' : scheme,
    host === '' ? url : host,
    override || bare.endsWith('/v2') ? bare : `${bare}/v2`,
    'mirror',
  );
}

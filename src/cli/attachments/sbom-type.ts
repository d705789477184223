import { ConfigError } from '../config/error.ts';

/** What cosign's `attach sbom` calls kinds of SBOMs, and the media types of their forms; the first is the usual one. */
const kinds: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  spdx: { text: 'text/spdx', json: 'text/spdx+json' },
  cyclonedx: { xml: 'application/vnd.cyclonedx+xml', json: 'application/vnd.cyclonedx+json' },
  syft: { json: 'application/vnd.syft+json' },
};

/**
 * The media type of an SBOM, by what the user says it is and else by how it begins.
 *
 * @param kind `spdx`, `cyclonedx` or `syft`
 * @param form `json`, `xml` or `text`
 * @throws ConfigError SETTING_INVALID
 */
export function sbomMediaType(bytes: Buffer, kind: string | undefined, form: string | undefined): string {
  const start = bytes.subarray(0, 65_536).toString('utf8').trimStart();
  const name = kind ?? guessKind(start);
  if (name === undefined) {
    throw new ConfigError('SETTING_INVALID', `Nothing says what the SBOM is; add --type, one of ${list(kinds)}`);
  }
  const forms = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (forms === undefined) {
    throw new ConfigError('SETTING_INVALID', `--type is "${name.slice(0, 40)}"; write one of ${list(kinds)}`);
  }
  if (form === undefined) {
    const guessed = guessForm(start);
    return (Object.hasOwn(forms, guessed) ? forms[guessed] : Object.values(forms)[0]) as string;
  }
  if (Object.hasOwn(forms, form)) return forms[form] as string;
  const message = `--input-format of ${name} is "${form.slice(0, 40)}"; write one of ${list(forms)}`;
  throw new ConfigError('SETTING_INVALID', message);
}

function guessKind(start: string): string | undefined {
  if (start.startsWith('SPDXVersion:') || start.includes('"spdxVersion"')) return 'spdx';
  if (start.includes('"bomFormat"') || start.includes('http://cyclonedx.org/schema/bom')) return 'cyclonedx';
  return /"schema"\s*:\s*\{[^{}]*anchore\/syft/.test(start) ? 'syft' : undefined;
}

function guessForm(start: string): string {
  if (start.startsWith('{')) return 'json';
  return start.startsWith('<') ? 'xml' : 'text';
}

function list(names: Readonly<Record<string, unknown>>): string {
  return Object.keys(names).join(', ');
}

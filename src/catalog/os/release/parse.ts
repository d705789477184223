import type { RepositoryFact, ReleaseFact } from '../../cataloger.ts';
import { elements, member, parseJson } from '../../document/json.ts';
import { cleanTexts } from '../../document/text.ts';
import { parseAssignments } from './assignments.ts';
import type { ReleaseFields } from './distro.ts';

/** Reads os-release(5). Without an `ID` the format says `linux`, which would hide what other files tell. */
export function parseOsRelease(text: string): ReleaseFields {
  const values = parseAssignments(text);
  return {
    id: values.get('ID'),
    version: values.get('VERSION_ID'),
    prettyName: values.get('PRETTY_NAME'),
    codename: values.get('VERSION_CODENAME'),
    idLike: values.get('ID_LIKE'),
  };
}

/** Reads `lsb-release`: `DISTRIB_ID=Ubuntu` and its kin; undefined where no id stands. */
export function parseLsbRelease(text: string): ReleaseFields | undefined {
  const values = parseAssignments(text);
  const id = values.get('DISTRIB_ID');
  if (id === undefined) return undefined;
  return {
    id,
    version: values.get('DISTRIB_RELEASE'),
    prettyName: values.get('DISTRIB_DESCRIPTION'),
    codename: values.get('DISTRIB_CODENAME'),
  };
}

/** Reads `alpine-release`, a bare version: `3.19.1`, `3.20.0_alpha20240329`. */
export function parseAlpineRelease(text: string): ReleaseFields | undefined {
  const version = /^\d+\.\d[\w.]*$/.exec(text.trim())?.[0];
  return version === undefined ? undefined : { id: 'alpine', version };
}

/**
 * Reads `debian_version`: `12.5`, or `trixie/sid` while that release is in the making, which has a codename and no
 * number yet. Derived distributions put words of their own there; those tell nothing.
 */
export function parseDebianVersion(text: string): ReleaseFields | undefined {
  const line = text.trim();
  if (/^\d+(?:\.\d+)*$/.test(line)) return { id: 'debian', version: line };
  const codename = /^([a-z]+)\/sid$/.exec(line)?.[1] ?? (line === 'sid' ? 'sid' : undefined);
  return codename === undefined ? undefined : { id: 'debian', codename, prettyName: `Debian GNU/Linux ${line}` };
}

/** Reads Ubuntu Pro's `status.json`; the facts are empty unless esm-infra is on. */
export function parseProStatus(bytes: Buffer, rank: number): readonly ReleaseFact[] {
  const services = elements(member(parseJson(bytes), 'services'));
  const on = services.some(
    (service) => member(service, 'name') === 'esm-infra' && member(service, 'status') === 'enabled',
  );
  return on ? [{ kind: 'release', rank, distro: { esm: true } }] : [];
}

/**
 * Reads `etc/apk/repositories`: the branch is the folder before the repository's own, `v3.19` or `edge`.
 *
 * A repository with a tag (`@testing https://…`) serves only packages that ask for the tag, so it says nothing about
 * the release.
 */
export function parseRepositories(text: string): readonly RepositoryFact[] {
  const found = text.split('\n', 10_000).map((line) => branchOf(line.trim()));
  const branches = cleanTexts(found, 50, 100);
  return branches.length > 0 ? [{ kind: 'repository', branches }] : [];
}

function branchOf(line: string): string | undefined {
  if (line.startsWith('#') || line.startsWith('@') || line.length > 2000) return undefined;
  return line.split('/').find((part) => /^(?:v\d+\.\d+|edge)$/.test(part));
}

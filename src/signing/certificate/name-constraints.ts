import { CodecError } from '../../codec/error.ts';
import { type DerValue, expectTag, readChildren, readDer, readSequence } from '../../codec/der/read.ts';
import { contextTag } from '../../codec/der/tag.ts';
import type { Certificate } from './certificate.ts';
import { formatName, parseName } from './distinguished-name.ts';
import { extensionOid } from './extensions.ts';
import type { GeneralName } from './general-name.ts';
import { certificateLimits } from './limits.ts';
import { readSubjectAlternativeNames } from './subject-alternative-names.ts';

/** One part of a space of names. */
type Subtree = DerValue;

const emailAddress = '1.2.840.113549.1.9.1';

/** The spaces of names in which the certificates below an authority lie. */
interface NameConstraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

/** RFC 5280, 4.2.1.10. @throws CodecError */
function readNameConstraints(authority: Certificate): NameConstraints | undefined {
  const value = authority.extensions.get(extensionOid.nameConstraints)?.value;
  if (value === undefined) return undefined;
  const lists = readSequence(readDer(value));
  const permitted = lists[0]?.tag === contextTag(0, true) ? readSubtrees(lists.shift() as DerValue) : [];
  const excluded = lists[0]?.tag === contextTag(1, true) ? readSubtrees(lists.shift() as DerValue) : [];
  if (lists.length > 0 || permitted.length + excluded.length === 0) throw malformed('they are not two lists');
  return { permitted, excluded };
}

function readSubtrees(list: DerValue): Subtree[] {
  const subtrees = readChildren(list);
  if (subtrees.length > certificateLimits.names) {
    throw new CodecError('LIMIT_EXCEEDED', `The certificate has ${subtrees.length} constraints of names`);
  }
  return subtrees.map((subtree) => {
    const [base, ...rest] = readSequence(subtree);
    // 4.2.1.10: the minimum is always zero, which DER leaves out, and a maximum is never there.
    if (base === undefined || rest.length > 0) throw malformed('a subtree has a minimum or maximum');
    return base;
  });
}

/**
 * The first name of a certificate that an authority above it may not give (RFC 5280, 4.2.1.10 and 6.1.4), or nothing. A
 * name of a kind that is constrained in a way not understood here counts as not allowed.
 *
 * @throws CodecError
 */
export function findForbiddenName(authority: Certificate, below: Certificate): string | undefined {
  const constraints = readNameConstraints(authority);
  if (constraints === undefined) return undefined;
  return namesOf(below).find((name) => !isAllowed(constraints, name))?.value;
}

/** Addresses in the subject, where old certificates have them, are constrained as well (4.2.1.10). */
function namesOf(certificate: Certificate): GeneralName[] {
  const { subject } = certificate;
  const parts = parseName(readDer(subject));
  const names: GeneralName[] =
    parts.length === 0
      ? []
      : [{ kind: 'directory', value: formatName(subject), tag: contextTag(4, true), content: subject }];
  for (const { type, value } of parts.flat()) {
    const { content } = value;
    if (type !== emailAddress) continue;
    names.push({ kind: 'email', value: content.toString('latin1'), tag: contextTag(1, false), content });
  }
  return [...names, ...readSubjectAlternativeNames(certificate)];
}

function isAllowed({ permitted, excluded }: NameConstraints, name: GeneralName): boolean {
  const wanted = permitted.filter(({ tag }) => tag === name.tag);
  const unwanted = excluded.filter(({ tag }) => tag === name.tag);
  if (wanted.length + unwanted.length === 0) return true;
  const test = matchers[name.kind];
  if (test === undefined) return false;
  if (unwanted.some((subtree) => test(name, subtree) !== false)) return false;
  return wanted.length === 0 || wanted.some((subtree) => test(name, subtree) === true);
}

/** Whether a name lies in a subtree; undefined where that cannot be told. */
type Matcher = (name: GeneralName, subtree: Subtree) => boolean | undefined;

const matchers: Readonly<Partial<Record<GeneralName['kind'], Matcher>>> = {
  dns({ value }, { content }) {
    const base = content.toString('latin1').toLowerCase();
    // A wildcard stands for names inside and outside of the subtree.
    if (value.includes('*')) return undefined;
    return isInDomain(value.toLowerCase(), base, true);
  },
  email({ value }, { content }) {
    const base = content.toString('latin1');
    const at = value.lastIndexOf('@');
    if (at < 1 || at === value.length - 1) return undefined;
    const [local, host] = [value.slice(0, at), value.slice(at + 1).toLowerCase()];
    const baseAt = base.lastIndexOf('@');
    if (baseAt < 0) return isInDomain(host, base.toLowerCase(), false);
    return local === base.slice(0, baseAt) && host === base.slice(baseAt + 1).toLowerCase();
  },
  uri({ value }, { content }) {
    // 4.2.1.10: a URI without a host name, an address in its place included, cannot be in a subtree.
    const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@\\]*@)?([a-z0-9.-]*[a-z][a-z0-9.-]*)(?::\d*)?(?:[/?#]|$)/i.exec(
      value,
    )?.[1];
    return host === undefined
      ? undefined
      : isInDomain(host.toLowerCase(), content.toString('latin1').toLowerCase(), false);
  },
  ip({ content: address }, { content }) {
    if (content.length !== 8 && content.length !== 32) return undefined;
    if (content.length !== address.length * 2) return false;
    const mask = content.subarray(address.length);
    return address.every(
      (byte, at) => (byte & (mask[at] as number)) === ((content[at] as number) & (mask[at] as number)),
    );
  },
  directory({ content: name }, subtree) {
    const base = readSequence(readDer(expectTag(subtree, contextTag(4, true)).content));
    const parts = readSequence(readDer(name));
    return base.every((part, at) => parts[at] !== undefined && part.raw.equals(parts[at].raw));
  },
};

/** `.example.com` holds what stands below; `example.com` holds itself, and for DNS names what stands below too. */
function isInDomain(host: string, base: string, withChildren: boolean): boolean {
  if (base === '') return true;
  if (base.startsWith('.')) return host.endsWith(base) && host.length > base.length;
  return host === base || (withChildren && host.endsWith(`.${base}`));
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The certificate's constraints of names cannot be read: ${what}`);
}

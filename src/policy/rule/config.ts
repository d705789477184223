import { compilePattern, compilePatterns, matchesAny } from '../../base/name-pattern.ts';
import type { ImageFacts } from '../evidence.ts';
import type { ConfigRule, PortRange } from '../model.ts';
import type { ConfigFact, UnknownFact } from '../verdict.ts';
import { assess, type CheckRule } from './check-rule.ts';
import { memberOf, unknownOf } from './gathered.ts';

/** What a part of the rule finds: what breaks it; undefined where it was not looked at. */
type Part = (facts: ImageFacts) => readonly ConfigFact[] | undefined;

/** Compiles a rule about what an image's config says. @throws PatternError */
export function compileConfig(rule: ConfigRule): CheckRule {
  const parts = [userPart(rule), ...labelParts(rule), environmentPart(rule), portPart(rule), healthPart(rule)];
  return ({ evidence: { image } }) => {
    const missing = unknownOf(image, 'image');
    if (missing !== undefined) return assess({ unknown: [missing] });
    if (image?.state !== 'known') return assess({ violations: [{ kind: 'missing', what: 'image' }] });
    const found = parts.map((part) => part(image.value));
    const unknown: UnknownFact[] = found.includes(undefined)
      ? [{ kind: 'unknown', what: 'image', state: 'notGathered' }]
      : [];
    return assess({ violations: found.flatMap((facts) => facts ?? []), unknown });
  };
}

const none: readonly ConfigFact[] = [];

/** The highest number of a user that no runtime takes for another. */
const highestUser = 2 ** 31 - 1;

function userPart({ nonRoot, numericUser }: ConfigRule): Part {
  return ({ user }) => {
    const fact = (what: 'user' | 'numericUser'): readonly ConfigFact[] => [
      { kind: 'config', what, ...(user === undefined ? {} : { value: user }) },
    ];
    if ((nonRoot === true || numericUser === true) && isRoot(user)) return fact('user');
    return numericUser === true && !/^[+]?\d+$/.test(nameOf(user)) ? fact('numericUser') : none;
  };
}

/**
 * Whether a container would run as root (image-spec, config.md, "User": `user`, `uid`, `user:group`, …). Without a user it does, and
 * every way to write the number 0 is one. So may be numbers that no signed integer of 32 bits has: runtimes cut them to 0 (CVE-2024-40635).
 */
function isRoot(user: string | undefined): boolean {
  const name = nameOf(user);
  if (name === '' || name === 'root') return true;
  return /^[+-]?\d+$/.test(name) && !(Number(name) >= 1 && Number(name) <= highestUser);
}

function nameOf(user = ''): string {
  return user.trim().split(':')[0] ?? '';
}

function labelParts({ labels = {} }: ConfigRule): readonly Part[] {
  return Object.keys(labels)
    .sort()
    .map((name) => {
      const pattern = compilePattern(memberOf(labels, name) ?? '');
      return (facts) => {
        const value = memberOf(facts.labels, name);
        if (value !== undefined && pattern.matches(value)) return none;
        return [{ kind: 'config', what: 'label', name, ...(value === undefined ? {} : { value }) }];
      };
    });
}

function environmentPart({ forbiddenEnvironment }: ConfigRule): Part {
  if (forbiddenEnvironment === undefined) return () => none;
  const patterns = compilePatterns(forbiddenEnvironment);
  return ({ environment }) =>
    environment
      ?.filter((name) => matchesAny(patterns, name))
      .sort()
      .map((name): ConfigFact => ({ kind: 'config', what: 'environment', name }));
}

function portPart({ ports: allowed }: ConfigRule): Part {
  if (allowed === undefined) return () => none;
  return ({ ports }) =>
    ports
      ?.filter((port) => !allowed.some((range) => isWithin(range, port)))
      .sort()
      .map((value): ConfigFact => ({ kind: 'config', what: 'port', value }));
}

/** Without a protocol a port is one of TCP (image-spec, config.md, "ExposedPorts"). What is no port is in no range. */
function isWithin({ from, to, protocol }: PortRange, port: string): boolean {
  const [number = '', own = 'tcp'] = port.toLowerCase().split('/');
  return (
    /^\d{1,5}$/.test(number) &&
    Number(number) >= from &&
    Number(number) <= to &&
    (protocol === undefined || protocol === own)
  );
}

function healthPart({ healthcheck }: ConfigRule): Part {
  if (healthcheck !== true) return () => none;
  return (facts) => {
    if (facts.healthcheck === undefined) return undefined;
    return facts.healthcheck ? none : [{ kind: 'config', what: 'healthcheck' }];
  };
}

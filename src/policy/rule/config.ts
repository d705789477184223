import { compilePattern } from '../../base/name-pattern.ts';
import type { ImageFacts } from '../evidence.ts';
import type { ConfigRule } from '../model.ts';
import type { ConfigFact } from '../verdict.ts';
import { assess, type CheckRule } from './check-rule.ts';
import { memberOf, unknownOf } from './gathered.ts';

/** Compiles a rule about what an image's config says. @throws PatternError */
export function compileConfig({ nonRoot, labels = {} }: ConfigRule): CheckRule {
  const wanted = Object.keys(labels)
    .sort()
    .map((name) => ({ name, pattern: compilePattern(memberOf(labels, name) ?? '') }));
  return ({ evidence: { image } }) => {
    const missing = unknownOf(image, 'image');
    if (missing !== undefined) return assess({ unknown: [missing] });
    if (image?.state !== 'known') return assess({ violations: [{ kind: 'missing', what: 'image' }] });
    const violations: ConfigFact[] = nonRoot === true && isRoot(image.value) ? [userFact(image.value)] : [];
    for (const { name, pattern } of wanted) {
      const value = memberOf(image.value.labels, name);
      if (value !== undefined && pattern.matches(value)) continue;
      violations.push({ kind: 'config', what: 'label', name, ...(value === undefined ? {} : { value }) });
    }
    return assess({ violations });
  };
}

function userFact({ user }: ImageFacts): ConfigFact {
  return { kind: 'config', what: 'user', ...(user === undefined ? {} : { value: user }) };
}

/**
 * Whether a container would run as root (image-spec, config.md, "User": `user`, `uid`, `user:group`, …). Without a user it does, and
 * every way to write the number 0 is one.
 */
function isRoot({ user = '' }: ImageFacts): boolean {
  const [name = ''] = user.trim().split(':');
  return name === '' || name === 'root' || /^[+-]?0+$/.test(name);
}

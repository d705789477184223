import { GateError } from '../../gate/error.ts';
import { loadGateRules } from '../../gate/load-rules.ts';
import type { Finding } from '../../../codec/yaml/mistake.ts';
import { whyNobody } from '../auth/check.ts';
import type { ConfigCheck } from '../config-check.ts';

/** A policy that cannot be used is told of by its own file and line. */
const usable: ConfigCheck = {
  needs: ['gate'],
  servingOnly: true,
  async find({ gate }) {
    try {
      await loadGateRules(gate);
      return [];
    } catch (error) {
      if (!(error instanceof GateError)) throw error;
      const index = gate.policies.indexOf(error.file);
      const setting = (['trustedRoot', 'tufRoot'] as const).find((name) => gate[name] === error.file);
      const path =
        setting === undefined
          ? ['registry', 'gate', 'policies', ...(index < 0 ? [] : [index])]
          : ['registry', 'gate', setting];
      return [{ path, sentence: `cannot be used: ${error.message}` }];
    }
  },
};

const subjects: ConfigCheck = {
  needs: ['gate', 'auth'],
  find: ({ gate, auth }) =>
    gate.exempt.flatMap(({ to }, index) =>
      to.flatMap((subject, at): Finding[] => {
        const why = whyNobody(subject, auth);
        return why === undefined ? [] : [{ path: ['registry', 'gate', 'exempt', index, 'to', at], sentence: why }];
      }),
    ),
};

const senseless: ConfigCheck = {
  needs: ['gate'],
  find: ({ gate: { policies, exempt } }) =>
    policies.length === 0 && exempt.length > 0
      ? [{ path: ['registry', 'gate', 'exempt'], sentence: 'exempts somebody, and there is no policy; add policies' }]
      : [],
};

/** Two answers to one question. */
const trusted: ConfigCheck = {
  needs: ['gate'],
  find: ({ gate }) =>
    (['tufMirror', 'tufRoot'] as const)
      .filter((name) => gate.trustedRoot !== undefined && gate[name] !== undefined)
      .map((name) => ({
        path: ['registry', 'gate', name],
        sentence: 'is not asked, since trustedRoot says whom to trust; remove one of them',
      })),
};

/** Without scans, nothing is known of the flaws of any image, also of those that were scanned before. */
const unscanned: ConfigCheck = {
  needs: ['gate', 'scanning'],
  servingOnly: true,
  async find({ gate, scanning }) {
    const loaded = scanning.enabled ? undefined : await loadGateRules(gate);
    const names = (loaded?.rules.policy.rules ?? []).flatMap(({ rule, unknown }) => {
      const asks = rule.kind === 'vulnerabilities' || rule.kind === 'endOfLife';
      const gates = rule.match?.gates ?? ['pull'];
      const isAsked = gates.includes('pull') || gates.includes('push');
      return asks && isAsked && rule.action === 'deny' && unknown === 'deny' ? [rule.name] : [];
    });
    if (names.length === 0) return [];
    const rules = `${names.slice(0, maxNames).join(', ')}${names.length > maxNames ? ', …' : ''}`;
    const sentence =
      `asks what scans tell (${rules}), and nothing is scanned, so that images which these rules are about are answered with 503; ` +
      'set scanning.enabled: true, or unknown: allow in the policy';
    return [{ path: ['registry', 'gate', 'policies'], sentence }];
  },
};

/** Rules that a warning names. */
const maxNames = 5;

/** What is hardly meant of what decides about images. */
export const gateWarnings: readonly ConfigCheck[] = [unscanned];

/** Checks of what decides about images. */
export const gateChecks: readonly ConfigCheck[] = [usable, subjects, senseless, trusted];

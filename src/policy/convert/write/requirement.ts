import type { JsonObject, JsonValue } from '../../../lang/jmespath/value.ts';
import type {
  ConfigRule,
  PortRange,
  Rule,
  SignerChoice,
  SignerSet,
  StatementCondition,
  VulnerabilitiesRule,
} from '../../model.ts';
import { writtenDuration } from './duration.ts';
import { present } from './present.ts';

/** What a rule asks for, as a requirement of a document has it, without its name and what becomes of images that break it. */
export function writtenRequirement(rule: Rule): JsonObject {
  switch (rule.kind) {
    case 'signatures':
      return writtenSet(rule);
    case 'attestation': {
      const { predicateType, condition, which, maxAge } = rule;
      return present({
        type: predicateType,
        ...writtenSet(rule),
        ...(condition === undefined ? {} : writtenCondition(condition, 'condition')),
        which,
        maxAge: durationOf(maxAge),
      });
    }
    case 'sbom':
      return present({ signers: rule.signers, formats: rule.formats });
    case 'vulnerabilities':
      return writtenVulnerabilities(rule);
    case 'source':
      return present({ allow: rule.allow, deny: rule.deny });
    case 'digest':
      return { pin: rule.pin, required: rule.required };
    case 'age':
      return present({
        maxSinceCreated: durationOf(rule.maxSinceCreated),
        minSinceFirstSeen: durationOf(rule.minSinceFirstSeen),
      });
    case 'endOfLife':
      return {};
    case 'config':
      return writtenConfig(rule);
    default: {
      const { condition, statements, message } = rule;
      const named = Object.entries(statements ?? {}).map(([name, { predicateType, ...set }]): [string, JsonObject] => [
        name,
        { type: predicateType, ...writtenSet(set) },
      ]);
      return present({
        ...writtenCondition(condition, 'cel'),
        message,
        statements: named.length === 0 ? undefined : Object.fromEntries(named),
      });
    }
  }
}

/** Signers, and how many of them: all where nothing is said. */
function writtenSet({ signers, atLeast }: SignerSet): JsonObject {
  return present({ signers: signers.map(writtenChoice), require: requiredOf(signers, atLeast) });
}

function writtenChoice(choice: SignerChoice): JsonValue {
  return typeof choice === 'string' ? choice : writtenSet(choice);
}

function requiredOf(signers: readonly SignerChoice[], atLeast: number): JsonValue | undefined {
  if (atLeast === new Set(signers).size) return undefined;
  return atLeast === 1 ? 'any' : atLeast;
}

function writtenCondition(condition: StatementCondition, cel: 'cel' | 'condition'): JsonObject {
  if ('cel' in condition) return { [cel]: condition.cel };
  const blocks = condition.kyverno as unknown as JsonValue;
  return condition.denies === true ? { deny: blocks } : { conditions: blocks };
}

function writtenVulnerabilities(rule: VulnerabilitiesRule): JsonObject {
  const { grace } = rule;
  return present({
    severity: rule.severity,
    fixable: rule.fixable,
    exploited: rule.exploited,
    epss: rule.epss,
    ids: rule.ids,
    packages: rule.packages,
    ignoreStatuses: rule.ignoreStatuses,
    grace: durationOf(grace?.for),
    graceSince: grace?.since === 'known' ? 'known' : undefined,
    maxDatabaseAge: durationOf(rule.maxDatabaseAge),
    maxScanAge: durationOf(rule.maxScanAge),
    incomplete: rule.incomplete,
  });
}

function writtenConfig({
  nonRoot,
  numericUser,
  labels,
  forbiddenEnvironment,
  ports,
  healthcheck,
}: ConfigRule): JsonObject {
  return present({
    nonRoot,
    numericUser,
    labels: labels,
    forbiddenEnvironment: forbiddenEnvironment,
    ports: ports?.map(writtenPorts),
    healthcheck,
  });
}

function writtenPorts({ from, to, protocol }: PortRange): string {
  return `${from === to ? from : `${from}-${to}`}${protocol === undefined ? '' : `/${protocol}`}`;
}

function durationOf(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : writtenDuration(milliseconds);
}

import type { IncomingMessage } from 'node:http';
import type { ApiRefusal } from '../api/add-api.ts';
import type { Identity } from '../auth/identity.ts';
import type { LoginRefusal, RefusedLogin } from '../auth/refused-login.ts';
import type { ContentEvent } from '../content/content.ts';
import { RegistryError } from '../error.ts';
import type { GateEvent } from '../gate/model.ts';
import { clientOrigin } from '../http/client-origin.ts';
import type { Outcome } from '../pipeline/pipeline.ts';
import type { UpstreamEvent } from '../upstream/surroundings.ts';
import type { auditLimits } from './limits.ts';
import { type AuditAction, type AuditActor, type AuditEntry, auditEntry } from './entry.ts';

/** What a request changed. */
export function entryOfChange(
  event: ContentEvent,
  request: IncomingMessage,
  identity: Identity,
  time: number,
  traceId?: string,
): AuditEntry {
  const { repository, tag, digest } = event;
  const action = event.action === 'delete' ? 'delete' : 'push';
  return auditEntry({
    time,
    actor: actorOf(identity),
    action,
    outcome: 'done',
    repository,
    reference: tag,
    digest,
    reason: undefined,
    ...senderOf(request),
    traceId,
  });
}

/** What the registry changed by itself, such as by a rule about age. */
export function entryOfSystem(
  part: string,
  event: ContentEvent,
  time: number,
  action: AuditAction = 'retention',
): AuditEntry {
  const { repository, tag, digest, rule } = event;
  return auditEntry({
    time,
    actor: { kind: 'system', name: part },
    action,
    outcome: 'done',
    repository,
    reference: tag,
    digest,
    reason: rule === undefined ? undefined : `Rule ${rule}`,
    address: undefined,
    userAgent: undefined,
    requestId: undefined,
  });
}

/** That settings were changed while the registry ran: their names, and no values. */
export function entryOfSettings(changed: readonly string[], time: number): AuditEntry {
  return auditEntry({
    time,
    actor: { kind: 'system', name: 'registry' },
    action: 'configure',
    outcome: 'done',
    reason: `Settings changed: ${changed.join(', ')}`,
  });
}

/** What the JSON API refused; undefined for what is no denial, as for other requests. */
export function entryOfApi(
  { request, identity, template, repository, error }: ApiRefusal,
  time: number,
): AuditEntry | undefined {
  if (!isDenial(error)) return undefined;
  const actor: AuditActor = identity === undefined ? { kind: 'anonymous', name: '' } : actorOf(identity);
  const about = { time, actor, repository, reference: template, reason: error.message, ...senderOf(request) };
  return auditEntry({ ...about, action: 'list', outcome: 'denied' });
}

/** What the gate let pass by choice: undefined for what was refused, which stands in the trail with its request. */
export function entryOfGate(
  { kind, rules, repository, digest }: GateEvent,
  request: IncomingMessage,
  identity: Identity,
  time: number,
): AuditEntry | undefined {
  const reason = gateReasons[kind]?.(rules.join(', '));
  if (reason === undefined) return undefined;
  const about = { time, actor: actorOf(identity), repository, digest, reason, ...senderOf(request) };
  return auditEntry({ ...about, action: 'gate', outcome: 'done' });
}

const gateReasons: Readonly<Partial<Record<GateEvent['kind'], (names: string) => string>>> = {
  opened: (rules) => `Let pass although it could not be decided: ${rules}`,
  excepted: (exceptions) => `Let pass by exceptions: ${exceptions}`,
  exempt: () => 'Let pass for who asked, whatever the policy says',
  warned: (rules) => `Let pass with a warning: ${rules}`,
  audited: (rules) => `Let pass although it breaks rules that are only written down: ${rules}`,
};

/** What became of something that an upstream was asked for. */
export function entryOfUpstream({ kind, repository, reference, reason }: UpstreamEvent, time: number): AuditEntry {
  const outcome = kind === 'broken' ? 'failed' : 'done';
  const actor = { kind: 'system', name: 'upstream' } as const;
  return auditEntry({ time, actor, action: 'upstream', outcome, repository, reference, reason });
}

const refusals: Readonly<Record<LoginRefusal, string>> = {
  wrong: 'What was shown is not right, or no longer good',
  throttled: 'Not heard, since too many logins failed lately',
  unavailable: 'Who it is could not be looked up',
  token: 'The token that was shown is not right, or no longer good',
};

/** A login that was refused, or that nobody could judge. Its actor is who it was to be. */
export function entryOfLogin(
  { why, claimed, detail }: RefusedLogin,
  request: IncomingMessage,
  time: number,
  traceId?: string,
): AuditEntry {
  return auditEntry({
    time,
    actor: claimed === undefined ? { kind: 'anonymous', name: '' } : claimed,
    action: 'login',
    outcome: why === 'unavailable' ? 'failed' : 'denied',
    reason: detail === undefined ? refusals[why] : `${refusals[why]}: ${detail}`,
    ...senderOf(request),
    traceId,
  });
}

/** That so many more were refused than are written down one by one. */
export function entryOfMore(what: keyof typeof auditLimits.refusals, count: number, time: number): AuditEntry {
  const reason = `${count} more ${more[what]} within a minute than are written down one by one`;
  const action = what === 'strangers' ? 'pull' : 'login';
  return auditEntry({ time, actor: { kind: 'system', name: 'registry' }, action, outcome: 'denied', reason });
}

const more: Readonly<Record<keyof typeof auditLimits.refusals, string>> = {
  logins: 'logins were refused',
  tokens: 'tokens were refused',
  strangers: 'requests of strangers were denied',
};

/**
 * What came of a request that changed nothing: a manifest that was pulled, or anything that was refused. Undefined for what nobody asks
 * for later: blobs, lists, and what was not there.
 */
export function entryOfOutcome(outcome: Outcome, time: number, pulls: boolean): AuditEntry | undefined {
  const { request, method, route, identity, status, error, digest } = outcome;
  // Whose login was refused is told of where logins are judged.
  if (route === undefined || identity === undefined) return undefined;
  const denied = error instanceof RegistryError && isDenial(error);
  const pulled = route.kind === 'manifest' && method === 'GET' && status === 200;
  if (!denied && !(pulled && pulls)) return undefined;
  const reading = method === 'GET' || method === 'HEAD';
  const repository = 'repository' in route ? route.repository : undefined;
  const named = 'tag' in route ? route.tag : 'digest' in route ? route.digest : undefined;
  return auditEntry({
    time,
    actor: actorOf(identity),
    action: reading ? (isList(route.kind) ? 'list' : 'pull') : method === 'DELETE' ? 'delete' : 'push',
    outcome: denied ? 'denied' : 'done',
    repository,
    reference: named,
    digest: digest as AuditEntry['digest'],
    reason: denied ? (error as Error).message : undefined,
    ...senderOf(request),
  });
}

/** A mount that the gate refused, whose client goes on by uploading: of where the blob was to be taken from. */
export function entryOfRefusedPart(
  { request, identity, refused }: Pick<Outcome, 'request' | 'identity' | 'refused'>,
  time: number,
): AuditEntry | undefined {
  if (identity === undefined || !(refused?.error instanceof RegistryError) || !isDenial(refused.error))
    return undefined;
  const { repository, digest, error } = refused;
  const about = { time, actor: actorOf(identity), repository, reference: digest, digest, reason: error.message };
  return auditEntry({ ...about, action: 'mount', outcome: 'denied', ...senderOf(request) });
}

function isList(kind: string): boolean {
  return kind === 'tags' || kind === 'catalog' || kind === 'referrers';
}

/** A challenge to somebody who showed nothing, or not yet enough, is no denial: each client begins so. */
function isDenial({ code, isFinal }: RegistryError): boolean {
  return code === 'DENIED' || code === 'TOOMANYREQUESTS' || isFinal;
}

function actorOf({ kind, name }: Identity): AuditActor {
  return { kind, name };
}

function senderOf(request: IncomingMessage & { readonly id?: string }): {
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
  readonly requestId: string | undefined;
} {
  const { headers, id } = request;
  return { address: clientOrigin(request).address, userAgent: headers['user-agent'], requestId: id };
}

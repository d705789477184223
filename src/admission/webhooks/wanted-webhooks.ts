import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Discovery } from '../../kubernetes/discovery/model.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';
import { AdmissionError } from '../error.ts';
import { admissionLimits } from '../limits.ts';
import type { FailurePolicy, ReviewPhase } from '../server/model.ts';
import { failureOf } from '../service/review-judge.ts';
import { webhookLimits } from './limits.ts';
import {
  type WantedWebhooks,
  type Webhook,
  webhookPath,
  type WebhookClientConfig,
  type WebhookSelector,
  type WebhookSettings,
} from './model.ts';
import { hasOwnWebhook } from './own-webhook.ts';
import { vitalCondition } from './vital-resources.ts';
import { webhookRules } from './webhook-rules.ts';

/** What the cluster has, and whom it is to trust. */
export interface WantedParts {
  readonly settings: WebhookSettings;
  readonly discovery: Discovery;
  /** PEM. */
  readonly bundle: string;
}

/** The label by which namespaces are told apart: the API server keeps it, and nobody else can (Kubernetes, "Automatic labelling"). */
const nameLabel = 'kubernetes.io/metadata.name';

/**
 * The webhooks that policies want. Those that fail alike share one, unless they have their own. Where no policy asks for anything there is
 * none, so that nothing can fail. Pure: the same for the same policies, in whatever order they come.
 *
 * @throws AdmissionError WEBHOOKS_TOO_MANY
 */
export function wantedWebhooks(policies: readonly ResourcePolicy[], parts: WantedParts): WantedWebhooks {
  const asked = policies.filter(({ admission }) => admission);
  const own = asked.filter(hasOwnWebhook).sort(({ id: one }, { id: other }) => (one < other ? -1 : 1));
  if (own.length > webhookLimits.ownWebhooks) {
    const sentence = `${own.length} policies have conditions or timeouts of their own, and ${webhookLimits.ownWebhooks} may; take those of some away`;
    throw new AdmissionError('WEBHOOKS_TOO_MANY', sentence);
  }
  const shared = asked.filter((policy) => !hasOwnWebhook(policy));
  const of = (phase: ReviewPhase): readonly Webhook[] => [
    ...(['fail', 'ignore'] as const).flatMap((failure) => {
      const alike = shared.filter((policy) => failureOf(policy) === failure);
      return webhook(alike, { phase, failure }, parts);
    }),
    ...own.flatMap((policy) => webhook([policy], { phase, failure: failureOf(policy), own: policy }, parts)),
  ];
  return { mutating: of('mutate'), validating: of('validate') };
}

interface WebhookPlace {
  readonly phase: ReviewPhase;
  readonly failure: FailurePolicy;
  /** The policy whose own it is. */
  readonly own?: ResourcePolicy;
}

/** One or none. */
function webhook(
  policies: readonly ResourcePolicy[],
  place: WebhookPlace,
  { settings, discovery, bundle }: WantedParts,
): readonly Webhook[] {
  const { phase, failure, own } = place;
  const rules = webhookRules(
    policies.flatMap((policy) => policy.rules),
    phase,
    discovery,
  );
  if (rules.length === 0) return [];
  const vital = vitalCondition(rules);
  const conditions = [...(vital === undefined ? [] : [vital]), ...(own?.matchConditions ?? [])];
  const { defaultTimeout, longestTimeout } = admissionLimits;
  const timeout = Math.min(own?.timeout ?? settings.timeout ?? defaultTimeout, longestTimeout);
  const leftOut = new Set(['kube-system', settings.namespace, ...(settings.leftOut ?? [])]);
  return [
    {
      name: nameOf(place),
      clientConfig: clientConfigOf(settings, webhookPath(phase, failure, own?.id), bundle),
      rules,
      failurePolicy: failure === 'fail' ? 'Fail' : 'Ignore',
      matchPolicy: 'Equivalent',
      namespaceSelector: {
        matchExpressions: [
          { key: nameLabel, operator: 'NotIn', values: [...leftOut].sort() },
          ...namespacesOf(policies),
        ],
      },
      objectSelector: {},
      // Verdicts are kept and reports written, and neither for what is only tried.
      sideEffects: 'NoneOnDryRun',
      timeoutSeconds: Math.max(1, Math.ceil(timeout / 1000)),
      admissionReviewVersions: ['v1'],
      ...(conditions.length === 0 ? {} : { matchConditions: conditions }),
      ...(phase === 'mutate' ? { reinvocationPolicy: 'IfNeeded' } : {}),
    },
  ];
}

/** Namespaces that all of some policies are about; where one is about others as well, its rules tell them apart. */
function namespacesOf(policies: readonly ResourcePolicy[]): WebhookSelector['matchExpressions'] {
  const [first, ...rest] = policies.map(({ namespaceSelector }) => namespaceSelector);
  if (first === undefined || !rest.every((each) => isDeepStrictEqual(each, first))) return [];
  const labels = Object.entries(first.matchLabels ?? {});
  return [
    ...labels.map(([key, value]) => ({ key, operator: 'In', values: [value] }) as const),
    ...(first.matchExpressions ?? []),
  ];
}

/** What denials are told under: `validate.seaworthy.svc-fail`. Names of policies may be longer than a webhook's, and have a slash. */
function nameOf({ phase, failure, own }: WebhookPlace): string {
  const shared = `${phase}.seaworthy.svc-${failure}`;
  if (own === undefined) return shared;
  const readable = (own.id.split('/').at(-1) ?? '').slice(0, 100).replace(/[^a-z0-9]+$/, '');
  const exact = createHash('sha256').update(own.id).digest('hex').slice(0, 8);
  return `${shared}-finegrained-${readable}-${exact}`;
}

function clientConfigOf({ address }: WebhookSettings, path: string, bundle: string): WebhookClientConfig {
  const caBundle = Buffer.from(bundle).toString('base64');
  return 'url' in address
    ? { caBundle, url: `${address.url}${path}` }
    : { caBundle, service: { ...address.service, path } };
}

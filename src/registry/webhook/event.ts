import type { Digest } from '../../oci/digest.ts';
import { WebhookError } from './error.ts';
import { type EventName, eventType } from './event-name.ts';
import { webhookLimits } from './limits.ts';

/** Who caused an event, as `formatIdentity` writes it: `user:alice`, `robot:ci`, `anonymous`; `registry` for its own jobs. */
export type EventActor = string;

interface AboutRepository {
  readonly repository: string;
  readonly actor: EventActor;
}

/** What each event tells. Plain JSON; members are added in time, and never change their meaning. */
export interface EventData {
  readonly 'image.pushed': AboutRepository & {
    readonly digest: Digest;
    readonly tag?: string;
    readonly mediaType: string;
    /** Of the manifest, in bytes. */
    readonly size: number;
  };
  readonly 'image.pulled': AboutRepository & { readonly digest: Digest; readonly tag?: string };
  readonly 'image.deleted': AboutRepository & { readonly digest: Digest };
  readonly 'tag.moved': AboutRepository & { readonly tag: string; readonly digest: Digest; readonly previous: Digest };
  readonly 'tag.deleted': AboutRepository & { readonly tag: string; readonly digest: Digest };
  readonly 'request.denied': {
    readonly actor: EventActor;
    /** Absent for what is about none. */
    readonly repository?: string;
    readonly action: string;
    readonly reason: string;
  };
  readonly 'retention.ran': {
    readonly actor: EventActor;
    readonly deletedTags: number;
    readonly deletedManifests: number;
  };
  readonly 'gc.ran': { readonly actor: EventActor; readonly removedBlobs: number; readonly freedBytes: number };
}

/** Something that happened, as one of {@link EventData}. */
export type RegistryEvent = {
  readonly [Name in EventName]: {
    readonly name: Name;
    /** A UUID, the same in every attempt: receivers know by it what they had already. */
    readonly id: string;
    /** When it happened, in milliseconds since 1970. */
    readonly time: number;
    /** The registry's address: `https://registry.example.org`. */
    readonly source: string;
    readonly data: EventData[Name];
  };
}[EventName];

/** The media type of {@link encodeEvent} (CloudEvents JSON format 1.0.2, 3; HTTP binding, "Structured Content Mode"). */
export const eventMediaType = 'application/cloudevents+json; charset=UTF-8';

/**
 * Writes an event as a CloudEvent in the JSON format (CloudEvents 1.0.2).
 *
 * @throws WebhookError EVENT_TOO_LARGE
 */
export function encodeEvent({ name, id, time, source, data }: RegistryEvent): string {
  const subject = subjectOf(data);
  const text = JSON.stringify({
    specversion: '1.0',
    id,
    source,
    type: eventType(name),
    ...(subject === undefined ? {} : { subject }),
    time: new Date(time).toISOString(),
    datacontenttype: 'application/json',
    data,
  });
  if (text.length <= webhookLimits.bodyLength) return text;
  throw new WebhookError('EVENT_TOO_LARGE', `An event ${name} has ${text.length} characters; leave out details`);
}

/** The repository that an event is about, or undefined. */
export function repositoryOf({ data }: RegistryEvent): string | undefined {
  return 'repository' in data ? data.repository : undefined;
}

/** As people name an image: `team/app:1.4`, `team/app@sha256:…`, or a repository alone. */
function subjectOf(data: RegistryEvent['data']): string | undefined {
  if (!('repository' in data) || data.repository === undefined) return undefined;
  if ('tag' in data && data.tag !== undefined) return `${data.repository}:${data.tag}`;
  return 'digest' in data ? `${data.repository}@${data.digest}` : data.repository;
}

import type { ContentEvent } from '../content/content.ts';
import type { EventActor, RegistryEvent } from './event.ts';
import type { EventName } from './event-name.ts';

/** What of an event its maker adds: id, time and source. */
export type EventBody = {
  readonly [Name in EventName]: Pick<Extract<RegistryEvent, { readonly name: Name }>, 'name' | 'data'>;
}[EventName];

/**
 * The events that a change of content is told as. Blobs come and go with images, and are told of by none: a change without a
 * media type and a tag is one of them.
 */
export function eventsOfChange(change: ContentEvent, actor: EventActor): EventBody[] {
  const { action, repository, tag, digest, previous, mediaType, size = 0 } = change;
  const about = { repository, actor, digest };
  const moved: EventBody[] =
    tag === undefined || previous === undefined ? [] : [{ name: 'tag.moved', data: { ...about, tag, previous } }];
  if (action === 'move') return moved;
  if (action === 'delete') {
    if (tag !== undefined) return [{ name: 'tag.deleted', data: { ...about, tag } }];
    return mediaType === undefined ? [] : [{ name: 'image.deleted', data: about }];
  }
  if (mediaType === undefined) return [];
  const named = tag === undefined ? {} : { tag };
  return [{ name: 'image.pushed', data: { ...about, ...named, mediaType, size } }, ...moved];
}

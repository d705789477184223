/** What a registry tells of, in the order of the documents. */
export const eventNames = [
  'image.pushed',
  'image.pulled',
  'image.deleted',
  'tag.moved',
  'tag.deleted',
  'request.denied',
  'retention.ran',
  'gc.ran',
] as const;

/** One of {@link eventNames}. */
export type EventName = (typeof eventNames)[number];

/** The type of an event as CloudEvents want it (CloudEvents 1.0.2, "type"): reverse-DNS, never reused for another form. */
export function eventType(name: EventName): `dev.seaworthy.registry.${EventName}` {
  return `dev.seaworthy.registry.${name}`;
}

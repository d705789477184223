import type { WatchEvent } from '../client.ts';
import { asObject, asText, badAnswer, isObject, parseJson } from '../json.ts';
import type { ResourceType } from '../model.ts';
import { readObject } from '../object.ts';
import { errorOfStatus, type Question } from '../status-error.ts';

/**
 * Reads one line of a watch (Kubernetes API, "WatchEvent").
 *
 * @throws KubernetesError as the server's ERROR says, GONE among it; ANSWER_INVALID for what is no event of that type
 */
export function parseEvent(line: Uint8Array, type: ResourceType, question: Question): WatchEvent {
  const event = asObject(parseJson(line), 'an event');
  const object = asObject(event['object'], 'the object of an event');
  switch (event['type']) {
    case 'ERROR':
      throw errorOfStatus(object, question);
    case 'BOOKMARK': {
      // Of its object, only the version means anything.
      const metadata = isObject(object['metadata']) ? object['metadata'] : {};
      return { type: 'BOOKMARK', resourceVersion: versionOf(metadata['resourceVersion']) };
    }
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED': {
      const read = readObject(object, type, 'alone');
      return { type: event['type'], object: read, resourceVersion: versionOf(read.metadata.resourceVersion) };
    }
    default:
      throw badAnswer('an event is of no known type');
  }
}

function versionOf(value: unknown): string {
  const version = asText(value);
  if (version === undefined) throw badAnswer('an event has no resource version');
  return version;
}

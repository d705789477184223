import { OciError } from '../error.ts';
import { asList, asObject, parseJson } from '../json.ts';
import { isTag } from '../reference.ts';
import { clientLimits } from './limits.ts';
import { readPages } from './read-pages.ts';
import type { RegistryClient } from './registry-client.ts';

/** Tags asked for at once; no known registry refuses so many. */
const pageSize = 1000;

/**
 * Lists the tags of a repository, in the registry's order (distribution-spec, "Listing Tags").
 *
 * @throws OciError IMAGE_NOT_FOUND for a repository that is not there, LIMIT_EXCEEDED, and the codes of other answers
 */
export async function listTags(client: RegistryClient, repository: string, signal?: AbortSignal): Promise<string[]> {
  const name = `the tags of ${client.registry}/${repository}`;
  const tags = await readPages(
    client,
    {
      path: `${repository}/tags/list?n=${pageSize}`,
      access: { repository, actions: 'pull' },
      accept: 'application/json',
      name,
      maxEntries: clientLimits.tags,
      parse: parseTags,
      isAbsent: ({ status }) => status === 404,
    },
    signal,
  );
  if (tags !== undefined) return tags;
  throw new OciError('IMAGE_NOT_FOUND', `There is no repository ${client.registry}/${repository}; check the name`);
}

function parseTags(bytes: Buffer): readonly string[] {
  const { tags } = asObject(parseJson(bytes, invalid), 'it', invalid);
  return asList(tags, 'tags', clientLimits.tags, invalid).map((tag) => {
    // What goes into further requests must be a tag by its grammar.
    if (typeof tag !== 'string' || !isTag(tag)) throw invalid(`it has ${JSON.stringify(tag)?.slice(0, 100)}`);
    return tag;
  });
}

function invalid(what: string): OciError {
  return new OciError('REGISTRY_PROTOCOL', `The registry sent a list of tags that cannot be read: ${what}`);
}

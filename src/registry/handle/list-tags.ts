import { type Answer, jsonAnswer } from '../http/answer.ts';
import type { Call } from '../pipeline/call.ts';
import { nextPage, parsePage } from './page.ts';

/** GET of the tags of a repository, in the order of their bytes (distribution-spec, "Listing Tags"). */
export async function listTags(call: Call<'tags'>): Promise<Answer> {
  const { content, origin, query } = call;
  const { repository: name } = call.route;
  const { last, limit } = parsePage(query, content.pageEntries);
  // One more than asked for tells whether there is a next page.
  const wanted = { after: last, limit: limit === 0 ? 0 : limit + 1 };
  const { entries: found, headers = {} } = await origin.listTags(name, wanted, () => call.signal);
  const tags = found.slice(0, limit);
  const more = found.length > limit ? nextPage(`/v2/${name}/tags/list`, { n: limit, last: tags.at(-1) as string }) : {};
  return jsonAnswer(200, { name, tags }, { ...more, ...headers });
}

import { formatPem } from '../../codec/pem/pem.ts';
import { RefusedError } from '../error.ts';
import type { FaultPlan } from '../fault.ts';
import { answerOf, type DevAnswer, type DevRequest, jsonAnswer } from '../http/message.ts';
import { codedRefusal } from '../http/refusal.ts';
import type { Service } from '../http/router.ts';
import { decodeBytes, isObject, type JsonObject, optionalTextAt, parseRequest } from '../json/fields.ts';
import { parseSubmittedPem } from '../key/submitted-key.ts';
import { sigstoreDevLimits } from '../limits.ts';
import { sha256Of } from './envelope.ts';
import { checkEntryV1 } from './entry-v1.ts';
import type { LogV1 } from './log-v1.ts';

/** Rekor's first API (openapi.yaml of rekor). */
export function rekorV1Service(log: LogV1, faults: FaultPlan): Service {
  const add = ({ body }: DevRequest): DevAnswer => {
    const { uuid, answer } = log.add(checkEntryV1(parseRequest(body)));
    if (faults.spoils('rekor.protocol')) return jsonAnswer(201, { [uuid]: { body: 1 } });
    // cosign reads the header without asking whether it is there.
    const etag = faults.spoils('rekor.no-etag') ? {} : { etag: uuid };
    return jsonAnswer(201, { [uuid]: answer }, { ...etag, location: `/api/v1/log/entries/${uuid}` });
  };
  const byIndex = ({ url }: DevRequest): DevAnswer => {
    const index = url.searchParams.get('logIndex') ?? '';
    return jsonAnswer(200, found(/^\d{1,15}$/.test(index) ? log.entry(Number(index)) : undefined));
  };
  const byUuid = (_request: DevRequest, { uuid = '' }: Readonly<Record<string, string>>): DevAnswer => {
    return jsonAnswer(200, found(entryNamed(log, uuid)));
  };
  const head = (): DevAnswer =>
    jsonAnswer(200, {
      inactiveShards: [],
      rootHash: log.rootHash,
      signedTreeHead: log.checkpoint(),
      treeID: log.treeId,
      treeSize: log.size,
    });
  const proof = ({ url }: DevRequest): DevAnswer => {
    const first = Number(url.searchParams.get('firstSize') ?? 1);
    const last = Number(url.searchParams.get('lastSize') ?? Number.NaN);
    if (!Number.isInteger(first) || !Number.isInteger(last) || first < 1 || first > last || last > log.size) {
      throw new RefusedError('REQUEST_INVALID', 'firstSize and lastSize are not sizes that the log had');
    }
    return jsonAnswer(200, log.consistency(first, last));
  };
  const pem = formatPem({ label: 'PUBLIC KEY', bytes: log.key.spki });
  return {
    name: 'rekor-v1',
    refuse: codedRefusal,
    routes: [
      { method: 'POST', path: '/api/v1/log/entries', handle: add },
      { method: 'GET', path: '/api/v1/log/entries', handle: byIndex },
      { method: 'GET', path: '/api/v1/log/entries/:uuid', handle: byUuid },
      { method: 'POST', path: '/api/v1/log/entries/retrieve', handle: ({ body }) => retrieve(log, parseRequest(body)) },
      { method: 'POST', path: '/api/v1/index/retrieve', handle: ({ body }) => search(log, parseRequest(body)) },
      { method: 'GET', path: '/api/v1/log', handle: head },
      { method: 'GET', path: '/api/v1/log/proof', handle: proof },
      { method: 'GET', path: '/api/v1/log/publicKey', handle: () => answerOf('application/x-pem-file', pem) },
    ],
  };
}

/** Entries by name, index, or by what was proposed (SearchLogQuery). */
function retrieve(log: LogV1, query: JsonObject): DevAnswer {
  const list = (name: string): readonly unknown[] => (Array.isArray(query[name]) ? query[name] : []);
  const [uuids, indexes, proposed] = [list('entryUUIDs'), list('logIndexes'), list('entries')];
  if (uuids.length + indexes.length + proposed.length > sigstoreDevLimits.searchQueries) {
    throw new RefusedError(
      'REQUEST_INVALID',
      `At most ${sigstoreDevLimits.searchQueries} entries are looked up at once`,
    );
  }
  const entries = [
    ...uuids.map((uuid) => (typeof uuid === 'string' ? entryNamed(log, uuid) : undefined)),
    ...indexes.map((index) => (typeof index === 'number' ? log.entry(index) : undefined)),
    ...proposed.filter(isObject).map((entry) => log.equivalent(checkEntryV1(entry))),
  ];
  return jsonAnswer(
    200,
    entries.filter((entry) => entry !== undefined),
  );
}

/** Names of entries by digest, mail address or key (SearchIndex). */
function search(log: LogV1, query: JsonObject): DevAnswer {
  const content = optionalTextAt(query, 'publicKey', 'content');
  const key =
    content === undefined ? undefined : parseSubmittedPem(decodeBytes(content, 'publicKey.content').toString());
  const wanted = [
    optionalTextAt(query, 'hash')?.replace(/^(?!sha\d+:)/, 'sha256:'),
    optionalTextAt(query, 'email'),
    key === undefined ? undefined : sha256Of(key.pem).value,
  ].filter((text) => text !== undefined);
  if (wanted.length === 0) throw new RefusedError('REQUEST_INVALID', 'A search needs a hash, an email or a publicKey');
  const results = wanted.map((text) => log.search(text));
  const every = (uuid: string): boolean => results.every((result) => result.includes(uuid));
  const names = [...new Set(results.flat())];
  return jsonAnswer(200, query['operator'] === 'and' ? names.filter(every) : names);
}

function entryNamed(log: LogV1, uuid: string): JsonObject | undefined {
  if (!/^(?:[0-9a-f]{64}|[0-9a-f]{80})$/i.test(uuid)) {
    throw new RefusedError('REQUEST_INVALID', 'An entry is named by 64 or 80 hexadecimal digits');
  }
  const index = log.indexOf(uuid);
  return index === undefined ? undefined : log.entryOfShard(index);
}

function found(entry: JsonObject | undefined): JsonObject {
  if (entry === undefined) throw new RefusedError('NOT_FOUND', 'The log has no such entry');
  return entry;
}

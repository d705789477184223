import { createHash, hash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { canonical } from './log-bodies.ts';
import type { MemoryLog } from './memory-log.ts';
import { hashLeaf } from './merkle-tree.ts';

interface Proposal {
  readonly kind: string;
  readonly apiVersion: string;
  readonly spec: Record<string, never>;
}

interface Envelope {
  readonly payload: string;
  readonly signatures: readonly { readonly sig: string }[];
}

interface HashedRekordRequest {
  readonly digest: string;
  readonly signature: { readonly content: string; readonly verifier: { readonly keyDetails: string } };
}

const tree = '108e9186e8c5677a';
const entries = '/api/v1/log/entries';

/** Rekor v1 before a log of generation 1: takes proposals, refers to what it has, and gives entries by their id. */
export function rekorV1(log: MemoryLog): RequestListener {
  return (request, response) => {
    void respond(request, response, (body) => {
      if (request.method === 'GET' && request.url?.startsWith(`${entries}/`) === true) {
        const leaf = request.url.slice(-64);
        for (let index = 0; index < log.size; index += 1) {
          const { body: one } = log.entry(index);
          if (hashLeaf(one).toString('hex') === leaf) return answer(response, 200, v1Entry(log, index));
        }
        return answer(response, 404, { code: 404, message: 'entry not found' });
      }
      if (request.method !== 'POST' || request.url !== entries)
        return answer(response, 404, { code: 404, message: 'no' });
      const entry = canonicalOf(JSON.parse(body) as Proposal);
      const known = log.find(entry);
      if (known !== undefined) {
        const id = `${tree}${hashLeaf(entry).toString('hex')}`;
        response.setHeader('location', `${entries}/${id}`);
        const message = `an equivalent entry already exists in the transparency log with UUID ${id}`;
        return answer(response, 409, { code: 409, message });
      }
      log.append(entry);
      response.setHeader('etag', `${tree}${hashLeaf(entry).toString('hex')}`);
      return answer(response, 201, v1Entry(log, log.size - 1));
    });
  };
}

/** Rekor v2 before a log of generation 2: takes only what is logged as a digest. */
export function rekorV2(log: MemoryLog): RequestListener {
  return (request, response) => {
    void respond(request, response, (body) => {
      if (request.method !== 'POST' || request.url !== '/api/v2/log/entries') {
        return answer(response, 404, { code: 5, message: 'Not Found', details: [] });
      }
      const asked = (JSON.parse(body) as { hashedRekordRequestV002?: HashedRekordRequest }).hashedRekordRequestV002;
      if (asked === undefined) return answer(response, 400, { code: 3, message: 'invalid type', details: [] });
      const { digest, signature } = asked;
      const algorithm = /(?:SHA_?|_PH$)(256|384|512)?/.exec(signature.verifier.keyDetails)?.[1] ?? '512';
      const entry = canonical('hashedrekord', '0.0.2', {
        hashedRekordV002: { data: { algorithm: `SHA2_${algorithm}`, digest }, signature },
      });
      const known = log.find(entry);
      if (known !== undefined) {
        response.setHeader('x-log-index', String(known));
        const message = `an equivalent entry already exists in the transparency log with index ${known}`;
        return answer(response, 409, { code: 6, message, details: [] });
      }
      return answer(response, 201, v2Entry(log, entry));
    });
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, act: (body: string) => void): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    act(Buffer.concat(chunks).toString());
  } catch (error) {
    answer(response, 400, { code: 400, message: String(error) });
  }
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function canonicalOf({ kind, apiVersion, spec }: Proposal): Buffer {
  switch (`${kind} ${apiVersion}`) {
    case 'hashedrekord 0.0.1':
      return canonical(kind, apiVersion, spec);
    case 'dsse 0.0.1': {
      const { envelope, verifiers } = spec['proposedContent'] as unknown as { envelope: string; verifiers: string[] };
      const { payload, signatures } = JSON.parse(envelope) as Envelope;
      return canonical(kind, apiVersion, {
        envelopeHash: { algorithm: 'sha256', value: hash('sha256', envelope) },
        payloadHash: { algorithm: 'sha256', value: digestOf(payload) },
        signatures: [{ signature: signatures[0]?.sig, verifier: verifiers[0] }],
      });
    }
    case 'intoto 0.0.1': {
      const { envelope } = spec['content'] as unknown as { envelope: string };
      const { payload } = JSON.parse(envelope) as Envelope;
      return canonical(kind, apiVersion, {
        content: {
          hash: { algorithm: 'sha256', value: hash('sha256', envelope) },
          payloadHash: { algorithm: 'sha256', value: digestOf(payload) },
        },
        publicKey: spec['publicKey'],
      });
    }
    case 'intoto 0.0.2': {
      const { envelope, hash: stated } = spec['content'] as unknown as {
        envelope: { payload: string; payloadType: string; signatures: unknown };
        hash: unknown;
      };
      const { payload, payloadType, signatures } = envelope;
      const inner = Buffer.from(payload, 'base64').toString();
      return canonical(kind, apiVersion, {
        content: {
          envelope: { payloadType, signatures },
          hash: stated,
          payloadHash: { algorithm: 'sha256', value: digestOf(inner) },
        },
      });
    }
    default:
      throw new Error(`unknown kind ${kind}`);
  }
}

function digestOf(base64: string): string {
  return createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
}

function v1Entry(log: MemoryLog, index: number): object {
  const { body, integratedTime, logId, logIndex, promise, proof } = log.entry(index);
  return {
    [`${tree}${hashLeaf(body).toString('hex')}`]: {
      body: body.toString('base64'),
      integratedTime: Number(integratedTime),
      logID: logId.toString('hex'),
      logIndex: Number(logIndex),
      verification: {
        inclusionProof: {
          checkpoint: proof?.checkpoint,
          hashes: proof?.hashes.map((one) => one.toString('hex')),
          logIndex: index,
          rootHash: proof?.rootHash.toString('hex'),
          treeSize: log.size,
        },
        signedEntryTimestamp: promise?.toString('base64'),
      },
    },
  };
}

function v2Entry(log: MemoryLog, entry: Buffer): object {
  const { body, logId, logIndex, kind, version, proof } = log.append(entry);
  return {
    logIndex: String(logIndex),
    logId: { keyId: logId.toString('base64') },
    kindVersion: { kind, version },
    integratedTime: '0',
    inclusionPromise: null,
    inclusionProof: {
      logIndex: String(logIndex),
      rootHash: proof?.rootHash.toString('base64'),
      treeSize: String(log.size),
      hashes: proof?.hashes.map((one) => one.toString('base64')),
      checkpoint: { envelope: proof?.checkpoint },
    },
    canonicalizedBody: body.toString('base64'),
  };
}
